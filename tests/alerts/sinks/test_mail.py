"""E-mail through a real SMTP server: two languages, the CAP message attached, and every kind of refusal."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from alerts.sinks.mail import EmailSink, smtp_server
from alerts.warnings.cap import to_cap
from alerts.warnings.statement import Reference
from tests.alerts.city_parts import T0
from tests.alerts.sinks.mail_server import MailServer, free_port
from tests.alerts.warnings.test_cap import statement
from topics.errors import ConfigurationError, DeliveryError
from topics.finding import Text

BOTH = "emergency-bureau=a@bureau.test,b@bureau.test"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as made:
        yield made


def sink(server: MailServer, to: str = BOTH) -> EmailSink:
    return EmailSink(server.url, "brain@city.test", to)


async def test_the_letter_says_it_in_both_languages_and_bears_the_cap_message(server: MailServer) -> None:
    said = statement(references=(Reference("citybrain.test", "before", T0),), msg_type="Update")
    receipt = await sink(server).deliver(said)
    ((to, letter),) = server.post.letters
    assert to == ["a@bureau.test", "b@bureau.test"]
    assert letter["Subject"] == "[演练/exercise] 发布红色预警 / red warning"
    assert (letter["Message-ID"], letter["References"]) == ("<citybrain.test-1-2-3@city.test>", "<before@city.test>")
    assert (receipt.status, receipt.reference, receipt.signed_by) == (250, "<citybrain.test-1-2-3@city.test>", "")
    body = letter.get_body()
    assert isinstance(body, EmailMessage)
    text = body.get_content()
    for words in ("地点: 一号罐区 (39.040600, 117.739500)", "处置: 疏散", "what to do: evacuate", "level: red I"):
        assert words in text
    assert text.index("发布红色预警") < text.index("red warning")
    (attached,) = letter.iter_attachments()
    assert (attached.get_content_type(), attached.get_content()) == ("application/cap+xml", to_cap(said))


@pytest.mark.parametrize(("answer", "retriable"), [("451 busy", True), ("550 no such thing", False)])
async def test_the_servers_answer_to_the_message_decides(server: MailServer, answer: str, retriable: bool) -> None:
    server.post.data = answer
    with pytest.raises(DeliveryError, match=answer) as failure:
        await sink(server).deliver(statement())
    assert (failure.value.retriable, failure.value.status) == (retriable, int(answer[:3]))


async def test_who_has_got_it_is_not_written_to_again_while_another_is_put_off(server: MailServer) -> None:
    server.post.refused = {"b@bureau.test": "450 mailbox busy"}
    mine = sink(server)
    with pytest.raises(
        DeliveryError, match=r"refused by b@bureau\.test: 450 mailbox busy; a@bureau\.test got it"
    ) as put:
        await mine.deliver(statement())
    assert put.value.retriable
    server.post.refused = {}
    await mine.deliver(statement())
    assert [to for to, _ in server.post.letters] == [["a@bureau.test"], ["b@bureau.test"]]


async def test_a_recipient_refused_for_good_makes_the_delivery_dead_and_names_who_got_it(server: MailServer) -> None:
    server.post.refused = {"b@bureau.test": "550 no such user"}
    with pytest.raises(DeliveryError, match=r"b@bureau\.test: 550 no such user; a@bureau\.test got it") as dead:
        await sink(server).deliver(statement())
    assert (dead.value.retriable, dead.value.status) == (False, 550)


async def test_of_all_refusals_one_that_may_pass_keeps_it_alive(server: MailServer) -> None:
    server.post.refused = {"a@bureau.test": "550 gone", "b@bureau.test": "450 later"}
    with pytest.raises(DeliveryError) as failure:
        await sink(server).deliver(statement())
    assert failure.value.retriable and server.post.letters == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the stand-in has no certificate
async def test_a_log_in_refused_is_tried_again_and_tells_no_password() -> None:
    with MailServer(login=("brain", "right")) as server:
        wrong = EmailSink(server.url, "brain@city.test", BOTH, username="brain", password="wrong-secret")
        with pytest.raises(DeliveryError, match="log-in refused") as failure:
            await wrong.deliver(statement())
        assert failure.value.retriable and "wrong-secret" not in str(failure.value)
        right = EmailSink(server.url, "brain@city.test", BOTH, username="brain", password="right")
        await right.deliver(statement())
        assert server.post.identifiers() == ["citybrain.test-1-2-3"]


async def test_a_server_that_is_away_may_come_back() -> None:
    away = EmailSink(f"smtp://127.0.0.1:{free_port()}", "brain@city.test", BOTH)
    with pytest.raises(DeliveryError, match="ConnectionRefusedError") as failure:
        await away.deliver(statement())
    assert failure.value.retriable


async def test_a_text_from_a_device_makes_no_header_of_its_own(server: MailServer) -> None:
    await sink(server).deliver(statement(headline=Text("红\r\nBcc: evil@x.test", "red\nX-Evil: yes")))
    ((to, letter),) = server.post.letters
    assert "evil@x.test" not in to and letter["Bcc"] is None and letter["X-Evil"] is None


async def test_what_has_no_address_is_dead_with_the_name_of_the_setting(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="expected an address for emergency-bureau in CITYBRAIN_EMAIL_TO") as dead:
        await sink(server, "fire-brigade=f@x.test").deliver(statement())
    assert not dead.value.retriable


def test_a_url_that_names_no_mail_server_is_refused() -> None:
    assert smtp_server("smtps://mail.test") == ("smtps", "mail.test", 465)
    for wrong in ("http://mail.test", "mail.test:25", "smtp://", "smtp://mail.test:what"):
        with pytest.raises(ConfigurationError, match=r"smtp_url: expected smtp://host:port"):
            smtp_server(wrong)

"""The comparison with recordings itself. Needs no endpoint."""

import json

import pytest

from recordings import Recording

RECORDED = {
    "send": {"MessageId": "<uuid:1>", "Sent": "timestamp", "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": 200}},
    "receive": {"Messages": [{"MessageId": "<uuid:1>", "Body": "hello"}]},
    "arn": {"Arn": "arn:<partition>:sqs:<region>:111111111111:<resource:1>"},
    "count": {"Count": 2},
}


@pytest.fixture
def recording(tmp_path):
    (tmp_path / "m.snapshot.json").write_text(json.dumps({"m.py::C::test_a[sqs]": {"recorded-content": RECORDED}}))
    return Recording("m", "test_a[sqs]", folder=tmp_path)


def test_varying_values_match_and_stay_the_same(recording):
    recording.check("send", {"MessageId": "id-1", "Sent": 17, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "r"}})
    recording.check("receive", {"Messages": [{"MessageId": "id-1", "Body": "hello"}]})
    recording.check("arn", {"Arn": "arn:aws:sqs:us-east-1:000000000000:queue"})


@pytest.mark.parametrize(
    ("name", "answer", "difference"),
    [
        ("count", {"Count": 3}, "recorded 2, answered 3"),
        ("count", {}, "not answered"),
        ("count", {"Count": 2, "More": 1}, "not recorded"),
        ("arn", {"Arn": "arn:aws:sns:us-east-1:000000000000:queue"}, "recorded 'arn:"),
        ("receive", {"Messages": []}, "1 elements recorded, 0 answered"),
        ("receive", {"Messages": [{"MessageId": "id-2", "Body": "hello"}]}, "MessageId"),
    ],
)
def test_differences_are_named(recording, name, answer, difference):
    recording.values["<uuid:1>"] = "id-1"
    with pytest.raises(AssertionError, match=difference):
        recording.check(name, answer)


def test_a_recording_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "m.snapshot.json").write_text("{}")
    with pytest.raises(AssertionError, match="0 recordings"):
        Recording("m", "test_b", folder=tmp_path)

"""S3 Select: SQL over objects, answered as a stream of events."""

import bz2
import gzip
import io
import json
import random

import pyarrow
import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError, EventStreamError

CSV = "name,age,city\nAnn,34,Paris\nBob,27,Rome\nCyd,41,\"Rome, Italy\"\n"
JSON = {"people": [{"name": "Ann", "age": 34}, {"name": "Bob", "tags": ["x", {"y": 1.50}]}]}


@pytest.fixture
def select(s3, bucket):
    """Runs a query: `select(key, expression, input, output)`; the records and the statistics."""

    def run(key, expression, given, wanted=None, **arguments):
        answer = s3.select_object_content(
            Bucket=bucket, Key=key, ExpressionType="SQL", Expression=expression, InputSerialization=given,
            OutputSerialization=wanted or {"CSV": {}}, **arguments)
        records, details, kinds = b"", None, []
        for event in answer["Payload"]:
            kinds.extend(event)
            records += event.get("Records", {}).get("Payload", b"")
            details = event.get("Stats", {}).get("Details", details)
        assert kinds[-2:] == ["Stats", "End"]
        run.kinds = kinds
        return records.decode(), details

    return run


def test_csv(s3, bucket, select):
    s3.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    header = {"CSV": {"FileHeaderInfo": "USE"}}
    records, details = select("people.csv", "SELECT s.name, s.city FROM S3Object s WHERE CAST(s.age AS INT) > 30", header)
    assert records == "Ann,Paris\nCyd,\"Rome, Italy\"\n"
    assert details == {"BytesScanned": len(CSV), "BytesProcessed": len(CSV), "BytesReturned": len(records)}
    records, _ = select("people.csv", "SELECT * FROM s3object LIMIT 1", header, {"JSON": {}})
    assert json.loads(records) == {"name": "Ann", "age": "34", "city": "Paris"}
    records, _ = select("people.csv", "SELECT COUNT(*), AVG(CAST(s._2 AS INT)) FROM S3Object s",
                        {"CSV": {"FileHeaderInfo": "IGNORE"}})
    assert records == "3,34\n"


def test_options_of_csv(s3, bucket, select):
    s3.put_object(Bucket=bucket, Key="odd.csv", Body="; remark|a;'b;''c'|d;e|")
    given = {"CSV": {"Comments": "; ", "FieldDelimiter": ";", "RecordDelimiter": "|", "QuoteCharacter": "'",
                     "QuoteEscapeCharacter": "'"}}
    with pytest.raises(ClientError, match="InvalidRequestParameter"):
        select("odd.csv", "SELECT * FROM S3Object", given)
    given["CSV"]["Comments"] = ";"
    wanted = {"CSV": {"QuoteFields": "ALWAYS", "RecordDelimiter": "\n\n", "FieldDelimiter": "\t"}}
    records, _ = select("odd.csv", "SELECT * FROM S3Object", given, wanted)
    assert records == '"a"\t"b;\'c"\n\n"d"\t"e"\n\n'


def test_json(s3, bucket, select):
    s3.put_object(Bucket=bucket, Key="people.json", Body=json.dumps(JSON))
    document = {"JSON": {"Type": "DOCUMENT"}}
    records, _ = select("people.json", "SELECT * FROM S3Object[*].people[*] p WHERE p.age IS MISSING", document, {"JSON": {}})
    assert records == '{"name":"Bob","tags":["x",{"y":1.5}]}\n'
    records, _ = select("people.json", "SELECT s.people[1].tags[1].y AS y FROM S3Object s", document,
                        {"JSON": {"RecordDelimiter": ","}})
    assert records == '{"y":1.5},'
    s3.put_object(Bucket=bucket, Key="lines.json", Body='{"a": 1}\n{"a": 2}\n')
    records, _ = select("lines.json", "SELECT SUM(s.a) FROM S3Object s", {"JSON": {"Type": "LINES"}})
    assert records == "3\n"


def test_parquet(s3, bucket, select):
    out = io.BytesIO()
    table = pyarrow.table({"id": list(range(10_000)), "name": [f"name {number}" for number in range(10_000)]})
    pyarrow.parquet.write_table(table, out, compression="snappy", row_group_size=1_000)
    s3.put_object(Bucket=bucket, Key="table.parquet", Body=out.getvalue())
    records, details = select("table.parquet", "SELECT s.name FROM S3Object s WHERE s.id > 9997", {"Parquet": {}})
    assert records == "name 9998\nname 9999\n"
    assert details["BytesScanned"] <= len(out.getvalue()) * 2
    assert select("table.parquet", "SELECT COUNT(*) FROM S3Object", {"Parquet": {}})[0] == "10000\n"


@pytest.mark.parametrize(("compression", "compress"), [("GZIP", gzip.compress), ("BZIP2", bz2.compress)])
def test_compressed_objects(s3, bucket, select, compression, compress):
    body = compress(CSV.encode())
    s3.put_object(Bucket=bucket, Key="compressed", Body=body)
    given = {"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": compression}
    records, details = select("compressed", "SELECT s.name FROM S3Object s", given)
    assert records == "Ann\nBob\nCyd\n"
    assert (details["BytesScanned"], details["BytesProcessed"]) == (len(body), len(CSV))


def test_a_large_object_with_progress_and_ranges(s3, bucket, select):
    rows = [f"{number},{random.Random(number).randrange(1_000)}\n" for number in range(700_000)]
    body = "".join(rows)
    s3.put_object(Bucket=bucket, Key="large.csv", Body=body)
    records, details = select("large.csv", "SELECT s._1 FROM S3Object s WHERE s._2 = 7", {"CSV": {}},
                              RequestProgress={"Enabled": True})
    assert records == "".join(row.split(",")[0] + "\n" for row in rows if row.endswith(",7\n"))
    assert details["BytesScanned"] == len(body) and "Progress" in select.kinds
    counted, step = 0, 1_000_003
    for start in range(0, len(body), step):
        answer, _ = select("large.csv", "SELECT COUNT(*) FROM S3Object", {"CSV": {}},
                           ScanRange={"Start": start, "End": start + step - 1})
        counted += int(answer)
    assert counted == len(rows)


def test_encrypted_objects(s3, bucket, client, select):
    key = client("kms").create_key()["KeyMetadata"]["KeyId"]
    s3.put_object(Bucket=bucket, Key="kms.csv", Body=CSV * 5_000, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert select("kms.csv", "SELECT COUNT(*) FROM S3Object", {"CSV": {}})[0] == "20000\n"


def test_errors(s3, bucket, select):
    s3.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    header = {"CSV": {"FileHeaderInfo": "USE"}}
    cases = [
        ("SELECT * FROM S3Object s WHERE s.age = = 1", header, "ParseUnexpectedToken"),
        ("SELECT s.salary FROM S3Object s", header, "MissingHeaders"),
        ("SELECT CAST(s.name AS INT) FROM S3Object s", header, "CastFailed"),
        ("SELECT * FROM S3Object", {"JSON": {"Type": "DOCUMENT"}}, "JSONParsingError"),
        ("SELECT * FROM S3Object", {"CSV": {}, "JSON": {"Type": "LINES"}}, "ObjectSerializationConflict"),
        ("SELECT * FROM S3Object", {"CSV": {}, "CompressionType": "GZIP"}, "InvalidCompressionFormat"),
        ("SELECT * FROM S3Object", {"CSV": {}, "CompressionType": "ZIP"}, "InvalidCompressionFormat"),
    ]
    for expression, given, code in cases:
        with pytest.raises(ClientError) as caught:
            select("people.csv", expression, given)
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError, match="NoSuchKey"):
        select("nobody.csv", "SELECT * FROM S3Object", header)


def test_an_error_behind_the_first_records_ends_the_stream(s3, bucket, select):
    s3.put_object(Bucket=bucket, Key="late.csv", Body="1,some text\n" * 50_000 + "x,y\n")
    with pytest.raises(EventStreamError, match="CastFailed"):
        select("late.csv", "SELECT CAST(s._1 AS INT), s._2 FROM S3Object s", {"CSV": {}})

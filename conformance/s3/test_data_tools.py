"""Data tools: pyarrow, which speaks through AWS's SDK for C++, s3fs, and DuckDB over s3fs."""

import duckdb
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet
import pytest
import s3fs

from subject import ACCESS_KEY, REGION, SECRET_KEY


@pytest.fixture
def arrow(shared_endpoint):
    scheme, address = shared_endpoint.url.split("://")
    return pyarrow.fs.S3FileSystem(
        access_key=ACCESS_KEY, secret_key=SECRET_KEY, region=REGION, scheme=scheme, endpoint_override=address,
        allow_bucket_creation=True, allow_bucket_deletion=True,
    )


@pytest.fixture
def files(shared_endpoint):
    s3fs.S3FileSystem.clear_instance_cache()
    return s3fs.S3FileSystem(
        key=ACCESS_KEY, secret=SECRET_KEY, endpoint_url=shared_endpoint.url, default_block_size=5 << 20)


@pytest.fixture
def bucket(shared_endpoint, unique_name):
    name = unique_name("data")
    shared_endpoint.client("s3").create_bucket(Bucket=name)
    return name


def table(rows):
    return pyarrow.table({
        "day": [f"2024-01-{number % 28 + 1:02}" for number in range(rows)],
        "city": ["Paris" if number % 2 else "Rome" for number in range(rows)],
        "sales": list(range(rows)),
    })


def test_pyarrow_writes_and_reads_datasets(arrow, unique_name):
    bucket = unique_name("arrow")
    arrow.create_dir(bucket)
    pyarrow.dataset.write_dataset(
        table(100_000), f"{bucket}/sales", filesystem=arrow, format="parquet",
        partitioning=pyarrow.dataset.partitioning(pyarrow.schema([("city", pyarrow.string())]), flavor="hive"))
    dataset = pyarrow.dataset.dataset(f"{bucket}/sales", filesystem=arrow, partitioning="hive")
    paris = dataset.to_table(filter=(pyarrow.dataset.field("city") == "Paris") & (pyarrow.dataset.field("sales") < 1_000))
    assert paris.num_rows == 500
    found = arrow.get_file_info(pyarrow.fs.FileSelector(f"{bucket}/sales", recursive=True))
    assert {info.path for info in found if info.type == pyarrow.fs.FileType.Directory} == {
        f"{bucket}/sales/city=Paris", f"{bucket}/sales/city=Rome"}
    arrow.delete_dir(bucket)
    assert arrow.get_file_info(bucket).type == pyarrow.fs.FileType.NotFound


def test_pyarrow_streams(arrow, bucket):
    body = bytes(range(256)) * 100_000
    with arrow.open_output_stream(f"{bucket}/large", metadata={"Content-Type": "application/x-large"}) as stream:
        for start in range(0, len(body), 1_000_000):
            stream.write(body[start:start + 1_000_000])
    with arrow.open_input_file(f"{bucket}/large") as file:
        assert file.size() == len(body)
        assert file.read_at(1_000, 12_345_678) == body[12_345_678:12_346_678]
        assert file.metadata()["Content-Type"] == b"application/x-large"
    arrow.copy_file(f"{bucket}/large", f"{bucket}/copy")
    arrow.move(f"{bucket}/copy", f"{bucket}/moved")
    assert [info.base_name for info in arrow.get_file_info(pyarrow.fs.FileSelector(bucket))] == ["large", "moved"]
    with pytest.raises(FileNotFoundError):
        arrow.open_input_file(f"{bucket}/copy")


def test_s3fs(files, bucket, tmp_path):
    body = b"0123456789" * 1_200_000
    with files.open(f"{bucket}/dir/large", "wb") as file:
        file.write(body)
    with files.open(f"{bucket}/dir/large", "rb") as file:
        file.seek(-15, 2)
        assert file.read() == body[-15:]
    files.pipe({f"{bucket}/dir/{number}": str(number).encode() for number in range(20)})
    assert files.cat_file(f"{bucket}/dir/7") == b"7"
    assert files.cat_ranges([f"{bucket}/dir/large"] * 2, [5, 100], [8, 103]) == [b"567", b"012"]
    assert len(files.find(f"{bucket}/dir")) == 21 and files.isdir(f"{bucket}/dir")
    assert files.info(f"{bucket}/dir/large")["size"] == len(body)
    files.get(f"{bucket}/dir", str(tmp_path / "dir"), recursive=True)
    assert (tmp_path / "dir/large").read_bytes() == body
    files.mv(f"{bucket}/dir/7", f"{bucket}/seven")
    files.rm(f"{bucket}/dir", recursive=True)
    assert files.ls(bucket, refresh=True) == [f"{bucket}/seven"]
    with pytest.raises(FileNotFoundError):
        files.cat_file(f"{bucket}/dir/7")


def test_duckdb(files, bucket):
    database = duckdb.connect()
    database.register_filesystem(files)
    database.sql("CREATE TABLE sales AS SELECT range AS id, range % 7 AS shop, range * 1.5 AS amount FROM range(50000)")
    database.sql(f"COPY sales TO 's3://{bucket}/sales.parquet' (FORMAT parquet)")
    database.sql(f"COPY (SELECT * FROM sales LIMIT 1000) TO 's3://{bucket}/first.csv' (HEADER)")
    files.invalidate_cache()
    rows = database.sql(f"SELECT shop, count(*), sum(amount) FROM 's3://{bucket}/sales.parquet' GROUP BY shop ORDER BY shop")
    expected = database.sql("SELECT shop, count(*), sum(amount) FROM sales GROUP BY shop ORDER BY shop")
    assert rows.fetchall() == expected.fetchall()
    assert database.sql(f"SELECT max(id) FROM 's3://{bucket}/*.csv'").fetchall() == [(999,)]


def test_pyarrow_over_s3fs(files, bucket):
    with files.open(f"{bucket}/table.parquet", "wb") as file:
        pyarrow.parquet.write_table(table(10), file, compression="gzip")
    assert pyarrow.parquet.read_table(f"{bucket}/table.parquet", filesystem=files).num_rows == 10

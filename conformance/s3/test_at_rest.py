"""What lies on the disk of bodies that were stored with the defaults."""

from s3_buckets import PATH_STYLE

MARKER = b"what nobody may read in the files"
# In the record of the object, in a record of its own, in a file.
SIZES = [100, 1_000, 20_000, 3_000_000]


def test_bodies_are_encrypted_in_the_files(start_virga, tmp_path):
    virga = start_virga("--data", tmp_path / "data")
    s3 = virga.endpoint.client("s3", s3=PATH_STYLE)
    s3.create_bucket(Bucket="bucket")
    for size in SIZES:
        s3.put_object(Bucket="bucket", Key=f"name-of-an-object-{size}", Body=(MARKER * (size // len(MARKER) + 1)))
    upload = {"Bucket": "bucket", "Key": "name-of-an-upload"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=MARKER * 1000)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket="bucket", Key="name-of-an-object-100")["Body"].read().startswith(MARKER)
    virga.terminate()
    assert virga.exit_code() == 0
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    # Names are not secret: this finds what is there.
    assert any(b"name-of-an-object-3000000" in file for file in files)
    assert any(b"name-of-an-upload" in file for file in files)
    assert not any(MARKER in file for file in files)

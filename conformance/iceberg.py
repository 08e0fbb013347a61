"""pyiceberg over S3 Tables: a catalog that loads and commits tables by the operations of S3 Tables."""

import io
import uuid

from pyiceberg.catalog import CommitTableResponse
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import FileIO, InputFile, load_file_io
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import StaticTable, Table
from pyiceberg.table.update import update_table_metadata

from subject import ACCESS_KEY, SECRET_KEY


def file_options(url, region):
    """How pyiceberg reaches the files of an endpoint."""
    return {
        "s3.endpoint": url, "s3.access-key-id": ACCESS_KEY, "s3.secret-access-key": SECRET_KEY, "s3.region": region,
    }


class Object(InputFile):
    """A file that a boto3 client reads: it knows the world of its test, which pyarrow's own client can't be told."""

    def __init__(self, client, location):
        super().__init__(location)
        self.client = client

    def _get(self):
        bucket, key = self.location.removeprefix("s3://").split("/", 1)
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def __len__(self):
        return len(self._get())

    def exists(self):
        return True

    def open(self, seekable=True):
        return io.BytesIO(self._get())


class Objects(FileIO):
    """The files that a boto3 client reads."""

    def __init__(self, client):
        super().__init__()
        self.client = client

    def new_input(self, location):
        return Object(self.client, location)

    def new_output(self, location):
        raise NotImplementedError

    def delete(self, location):
        raise NotImplementedError


def read_table(client, metadata_location):
    """A table by its file of metadata, read by a client of S3."""
    files = Objects(client)
    metadata = FromInputFile.table_metadata(files.new_input(metadata_location))
    return StaticTable(("read",), metadata, metadata_location, files, NoopCatalog("read"))


class S3TablesCatalog(NoopCatalog):
    """The tables of a table bucket."""

    def __init__(self, client, table_bucket_arn, url, region):
        super().__init__("s3tables", **file_options(url, region))
        self.client = client
        self.arn = table_bucket_arn

    def _place(self, identifier):
        namespace, name = identifier
        return {"tableBucketARN": self.arn, "namespace": namespace, "name": name}

    def load_table(self, identifier):
        found = self.client.get_table_metadata_location(**self._place(identifier))
        files = load_file_io(self.properties, found["metadataLocation"])
        metadata = FromInputFile.table_metadata(files.new_input(found["metadataLocation"]))
        return Table(tuple(identifier), metadata, found["metadataLocation"], files, self)

    def commit_table(self, table, requirements, updates):
        at = self._place(table.name())
        found = self.client.get_table_metadata_location(**at)
        for requirement in requirements:
            requirement.validate(table.metadata)
        updated = update_table_metadata(table.metadata, updates)
        location = f"{found['warehouseLocation']}/metadata/{uuid.uuid4()}.metadata.json"
        # Whether the file is there is not asked: pyarrow lists objects for it, which warehouses refuse, as AWS's do.
        ToOutputFile.table_metadata(updated, table.io.new_output(location), overwrite=True)
        self.client.update_table_metadata_location(
            versionToken=found["versionToken"], metadataLocation=location, **at)
        return CommitTableResponse(metadata=updated, metadata_location=location)

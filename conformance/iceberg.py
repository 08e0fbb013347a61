"""pyiceberg over S3 Tables: a catalog that loads and commits tables by the operations of S3 Tables."""

import uuid

from pyiceberg.catalog import CommitTableResponse
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import load_file_io
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import StaticTable, Table
from pyiceberg.table.update import update_table_metadata

from subject import ACCESS_KEY, SECRET_KEY


def file_options(url, region):
    """How pyiceberg reaches the files of an endpoint."""
    return {
        "s3.endpoint": url, "s3.access-key-id": ACCESS_KEY, "s3.secret-access-key": SECRET_KEY, "s3.region": region,
    }


def read_table(url, region, metadata_location):
    """A table by its file of metadata, as pyiceberg reads it without a catalog."""
    return StaticTable.from_metadata(metadata_location, properties=file_options(url, region))


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
        io = load_file_io(self.properties, found["metadataLocation"])
        metadata = FromInputFile.table_metadata(io.new_input(found["metadataLocation"]))
        return Table(tuple(identifier), metadata, found["metadataLocation"], io, self)

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

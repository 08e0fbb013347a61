"""PynamoDB: models, indexes, conditions, transactions, its older parameters included."""

import pytest
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute, VersionAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, PutError, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from subject import ACCESS_KEY, REGION, SECRET_KEY


class ByTopic(GlobalSecondaryIndex):
    class Meta:
        index_name = "by-topic"
        projection = AllProjection()
        billing_mode = "PAY_PER_REQUEST"

    topic = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True)


@pytest.fixture
def thread(shared_endpoint, unique_name):
    """A model whose table is there. PynamoDB signs on its own and cannot choose a world."""

    class Thread(Model):
        class Meta:
            table_name = unique_name("pynamo")
            host = shared_endpoint.url
            region = REGION
            aws_access_key_id = ACCESS_KEY
            aws_secret_access_key = SECRET_KEY
            billing_mode = "PAY_PER_REQUEST"

        forum = UnicodeAttribute(hash_key=True)
        subject = UnicodeAttribute(range_key=True)
        topic = UnicodeAttribute(null=True)
        views = NumberAttribute(default=0)
        tags = UnicodeSetAttribute(null=True)
        version = VersionAttribute()
        by_topic = ByTopic()

    Thread.create_table(wait=True)
    yield Thread
    Thread.delete_table()


def test_models(thread):
    with thread.batch_write() as batch:
        for number in range(40):
            batch.save(thread("forum", f"subject {number:02}", topic=f"t{number % 2}", views=number, tags={"a", str(number)}))
    found = list(thread.query("forum", thread.subject.startswith("subject 1"), thread.views > 14))
    assert [one.views for one in found] == [15, 16, 17, 18, 19]
    assert [one.views for one in thread.by_topic.query("t1", thread.views.between(5, 9), scan_index_forward=False)] == [9, 7, 5]
    assert len(list(thread.scan(thread.tags.contains("a"), page_size=7))) == 40
    one = thread.get("forum", "subject 03")
    one.update(actions=[thread.views.add(10), thread.tags.delete({"a"}), thread.topic.remove()])
    assert (one.views, one.tags, one.topic) == (13, {"3"}, None)
    assert len(list(thread.by_topic.query("t1"))) == 19


def test_conditions_and_transactions(thread):
    one = thread("forum", "one", views=1)
    one.save()
    with pytest.raises(PutError):
        thread("forum", "one").save(thread.forum.does_not_exist())
    stale = thread.get("forum", "one")
    one.update(actions=[thread.views.set(thread.views + 1)])
    with pytest.raises(DeleteError):
        stale.delete()
    connection = Connection(region=REGION, host=thread.Meta.host, extra_headers=None)
    connection.session.set_credentials(ACCESS_KEY, SECRET_KEY)
    with pytest.raises(TransactWriteError) as raised, TransactWrite(connection=connection) as transaction:
        # PynamoDB sends checks before writes.
        transaction.save(thread("forum", "two"))
        transaction.condition_check(thread, "forum", "none", condition=thread.forum.exists())
    assert [reason and reason.code for reason in raised.value.cancellation_reasons] == ["ConditionalCheckFailed", None]
    assert thread.count("forum") == 1

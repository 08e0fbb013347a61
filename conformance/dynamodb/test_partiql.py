"""PartiQL: statements one at a time, in batches and in transactions."""

import pytest
from botocore.exceptions import ClientError
from secondary_index import index


def refused(call, **parameters):
    """Code and text of a refusal."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def music(dynamodb, table):
    """A table with a sort key and two indexes, and seven items in two partitions."""
    name = table(
        "pk:S", "sk:N", also=["g:S", "l:S"],
        LocalSecondaryIndexes=[index("lsi", "pk", "l", projection="KEYS_ONLY")],
        GlobalSecondaryIndexes=[index("gsi", "g", "sk", projection=["n"])],
    )
    for partition, count in (("a", 5), ("b", 2)):
        for number in range(count):
            item = {"pk": {"S": partition}, "sk": {"N": str(number)}, "g": {"S": f"g{number % 2}"}, "l": {"S": "l"},
                    "n": {"N": str(number * 10)}, "m": {"M": {"k": {"S": "deep"}}}, "e": {"S": "e"}}
            dynamodb.put_item(TableName=name, Item=item)
    return name


def run(dynamodb, statement, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    return dynamodb.execute_statement(Statement=statement, **more)


def get(dynamodb, table, pk, sk):
    return dynamodb.get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"N": str(sk)}}).get("Item")


def numbers(answer):
    return [int(item["sk"]["N"]) for item in answer["Items"]]


def test_selects_read_items_partitions_and_all(dynamodb, music):
    table = f'"{music}"'
    for condition, expected in (
        ("pk = 'a' AND sk = 3", [3]),
        ("pk = 'a' AND sk BETWEEN 1 AND 3", [1, 2, 3]),
        ("pk = 'a' AND sk > 2 AND n < 40", [3]),
        ("pk = 'a' ORDER BY sk DESC", [4, 3, 2, 1, 0]),
        ("pk IN ['b', 'a'] AND sk < 1 ORDER BY pk", [0, 0]),
        ("pk = 'a' AND contains(m.k, 'ee') AND attribute_exists(e) AND sk = 1", [1]),
        ("pk = 'missing'", []),
    ):
        assert numbers(run(dynamodb, f"SELECT * FROM {table} WHERE {condition}")) == expected, condition
    assert sorted(numbers(run(dynamodb, f"SELECT * FROM {table} WHERE n >= 10"))) == [1, 1, 2, 3, 4]
    found = run(dynamodb, f"SELECT sk, m.k FROM {table} WHERE pk = ? AND sk = ?", {"S": "a"}, {"N": "2"})
    assert found["Items"] == [{"sk": {"N": "2"}, "k": {"S": "deep"}}]
    consumed = run(dynamodb, f"SELECT * FROM {table} WHERE pk = 'a'", ReturnConsumedCapacity="TOTAL")
    assert consumed["ConsumedCapacity"] == {"TableName": music, "CapacityUnits": 0.5}


def test_pages_follow_one_another(dynamodb, music):
    for statement in (f'SELECT * FROM "{music}"', f"SELECT * FROM \"{music}\" WHERE pk IN ['a', 'b']"):
        seen, token = [], {}
        while True:
            page = run(dynamodb, statement, Limit=2, **token)
            seen += [(item["pk"]["S"], int(item["sk"]["N"])) for item in page["Items"]]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        assert sorted(seen) == [("a", number) for number in range(5)] + [("b", 0), ("b", 1)]
    code, _ = refused(dynamodb.execute_statement, Statement=f'SELECT pk FROM "{music}"', **token)
    assert code == "ValidationException"


def test_indexes_are_read_behind_the_name_of_the_table(dynamodb, music):
    found = run(dynamodb, f"SELECT * FROM \"{music}\".\"gsi\" WHERE g = 'g1' AND sk >= 1")
    assert sorted(numbers(found)) == [1, 1, 3]
    found = run(dynamodb, f"SELECT sk, e FROM \"{music}\".\"lsi\" WHERE pk = 'b' AND l = 'l'")
    assert [item["e"] for item in found["Items"]] == [{"S": "e"}] * 2
    run_ = dynamodb.execute_statement
    for statement, more, text in (
        (f"SELECT * FROM \"{music}\".\"none\"", {}, "The table does not have the specified index"),
        (f"SELECT e FROM \"{music}\".\"gsi\" WHERE g = 'g1'", {},
         "One or more parameter values were invalid: Global secondary index gsi does not project [e]"),
        (f"SELECT pk FROM \"{music}\".\"gsi\" WHERE g = 'g1' AND e = 'e'", {},
         "One or more parameter values were invalid: Secondary index gsi does not project one or more filter attributes: [e]"),
        (f"SELECT * FROM \"{music}\".\"gsi\" WHERE g = 'g1'", {"ConsistentRead": True},
         "Strongly consistent read is not supported on Global Secondary Indexes"),
        (f"SELECT * FROM \"{music}\" ORDER BY pk", {},
         "Must have WHERE clause in the statement when using ORDER BY clause."),
        (f"SELECT * FROM \"{music}\" WHERE sk = 1 ORDER BY pk", {},
         "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."),
        (f"SELECT * FROM \"{music}\" WHERE pk = 'a' ORDER BY n", {},
         "Variable reference n in ORDER BY clause must be part of the primary key"),
    ):
        assert refused(run_, Statement=statement, **more) == ("ValidationException", text)
    code, text = refused(run_, Statement='SELECT * FROM "no-such-table"')
    assert (code, text) == ("ResourceNotFoundException", "Requested resource not found")


def test_inserts_updates_and_deletes(dynamodb, music):
    table = f'"{music}"'
    insert = f"INSERT INTO {table} VALUE {{'pk': 'c', 'sk': 1, 'tags': <<'x', 'y'>>, 'l': ?}}"
    assert run(dynamodb, insert, {"S": "list"})["Items"] == []
    assert get(dynamodb, music, "c", 1)["tags"]["SS"] == ["x", "y"]
    assert refused(dynamodb.execute_statement, Statement=insert, Parameters=[{"S": "z"}]) == (
        "DuplicateItemException", "Duplicate primary key exists in table")
    key = "WHERE pk = 'c' AND sk = 1"
    changed = run(dynamodb, f"UPDATE {table} SET n = 1 SET tags = set_add(tags, <<'z'>>) REMOVE l {key} RETURNING ALL NEW *")
    assert changed["Items"][0]["n"] == {"N": "1"} and sorted(changed["Items"][0]["tags"]["SS"]) == ["x", "y", "z"]
    changed = run(dynamodb, f"UPDATE {table} SET n = n + 5 {key} AND n = 1 RETURNING MODIFIED OLD *")
    assert changed["Items"] == [{"n": {"N": "1"}}]
    run(dynamodb, f"FROM {table} {key} SET o = [1, {{'a': NULL}}]")
    assert get(dynamodb, music, "c", 1)["o"] == {"L": [{"N": "1"}, {"M": {"a": {"NULL": True}}}]}
    for statement in (
        f"UPDATE {table} SET n = 2 {key} AND n = 1",
        f"UPDATE {table} SET n = 2 WHERE pk = 'missing' AND sk = 1",
        f"DELETE FROM {table} {key} AND n = 1",
    ):
        code, text = refused(dynamodb.execute_statement, Statement=statement)
        assert (code, text) == ("ConditionalCheckFailedException", "The conditional request failed")
    run(dynamodb, f"DELETE FROM {table} WHERE pk = 'missing' AND sk = 1 AND n = 1")
    deleted = run(dynamodb, f"DELETE FROM {table} {key} RETURNING ALL OLD *")
    assert deleted["Items"][0]["n"] == {"N": "6"}
    assert get(dynamodb, music, "c", 1) is None
    for statement, text in (
        (f"DELETE FROM {table} WHERE pk = 'a'", "Where clause does not contain a mandatory equality on all key attributes"),
        (f"UPDATE {table} SET sk = 2 {key}",
         "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key"),
        (f"SLECT * FROM {table}", "Statement wasn't well formed, can't be processed: Expected data manipulation"),
    ):
        assert refused(dynamodb.execute_statement, Statement=statement) == ("ValidationException", text)


def test_statements_of_a_batch_stand_for_themselves(dynamodb, music):
    found = dynamodb.batch_execute_statement(Statements=[
        {"Statement": f"SELECT n FROM \"{music}\" WHERE pk = 'a' AND sk = 1"},
        {"Statement": f"SELECT * FROM \"{music}\" WHERE pk = 'a'"},
        {"Statement": "SELECT * FROM \"no-such-table\" WHERE pk = 'a'"},
        {"Statement": "SLECT"},
        {"Statement": f"SELECT * FROM \"{music}\" WHERE pk = ? AND sk = ?",
         "Parameters": [{"S": "missing"}, {"N": "1"}]},
    ])["Responses"]
    assert found[0] == {"TableName": music, "Item": {"n": {"N": "10"}}}
    assert found[1]["Error"] == {
        "Code": "ValidationError",
        "Message": "Select statements within BatchExecuteStatement must specify the primary key in the where clause.",
    }
    assert found[2]["Error"]["Code"] == "ResourceNotFound"
    assert found[3]["Error"]["Code"] == "ValidationError"
    assert found[4] == {"TableName": music}
    done = dynamodb.batch_execute_statement(Statements=[
        {"Statement": f"INSERT INTO \"{music}\" VALUE {{'pk': 'd', 'sk': 1}}"},
        {"Statement": f"INSERT INTO \"{music}\" VALUE {{'pk': 'a', 'sk': 1}}"},
        {"Statement": f"UPDATE \"{music}\" SET n = 5 WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *"},
    ])["Responses"]
    assert done[0] == {"TableName": music}
    assert done[1]["Error"]["Code"] == "DuplicateItem"
    assert done[2] == {"TableName": music, "Item": {"n": {"N": "5"}}}


def test_statements_of_a_transaction_are_done_all_or_none(dynamodb, music):
    def transact(*statements, **more):
        statements = [{"Statement": statement} for statement in statements]
        return dynamodb.execute_transaction(TransactStatements=statements, **more)

    table = f'"{music}"'
    transact(
        f"INSERT INTO {table} VALUE {{'pk': 't', 'sk': 1, 'n': 0}}",
        f"UPDATE {table} SET n = 99 WHERE pk = 'a' AND sk = 0",
        f"EXISTS(SELECT * FROM {table} WHERE pk = 'a' AND sk = 1 AND n = 10)",
        f"DELETE FROM {table} WHERE pk = 'missing' AND sk = 0 AND n = 1",
    )
    assert get(dynamodb, music, "a", 0)["n"] == {"N": "99"}
    with pytest.raises(ClientError) as raised:
        transact(f"UPDATE {table} SET n = 1 WHERE pk = 'a' AND sk = 0", f"INSERT INTO {table} VALUE {{'pk': 't', 'sk': 1}}")
    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "DuplicateItem"]
    assert get(dynamodb, music, "a", 0)["n"] == {"N": "99"}
    for _ in range(2):
        transact(f"UPDATE {table} SET n = n + 1 WHERE pk = 't' AND sk = 1", ClientRequestToken="once")
    assert get(dynamodb, music, "t", 1)["n"] == {"N": "1"}
    found = transact(f"SELECT n FROM {table} WHERE pk = 't' AND sk = 1", f"SELECT * FROM {table} WHERE pk = 'x' AND sk = 1")
    assert found["Responses"] == [{"Item": {"n": {"N": "1"}}}, {}]
    for statement, text in (
        (f"UPDATE {table} SET n = 1 WHERE pk = 'a' AND sk = 0 RETURNING ALL NEW *",
         "RETURNING clause is not supported in ExecuteTransaction."),
        (f"SELECT * FROM {table}.\"gsi\" WHERE g = 'x'", "Reads on indices are not supported within transactions."),
        (f"SELECT * FROM {table} WHERE pk = 'a'",
         "Select statements within ExecuteTransaction must specify the primary key in the where clause."),
        (f"EXISTS(SELECT * FROM {table} WHERE pk = 'a' AND sk = 0)",
         "EXISTS() must contain a single item read with additional condition"),
    ):
        with pytest.raises(ClientError) as raised:
            transact(statement)
        expected = f"Validation failed in TransactStatements[0]: {text}"
        assert raised.value.response["Error"]["Message"] == expected

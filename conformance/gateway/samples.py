"""The least input of an operation that its model accepts: required members only, each as short as it may be."""

import re
import re._parser as regular_expressions
from datetime import datetime, timezone

# Characters beyond the first plane, as two halves each.
SURROGATES = re.compile(r"\\u[dD][89aAbB]..\\u[dD][cCdDeEfF]..(?:-\\u[dD][89aAbB]..\\u[dD][cCdDeEfF]..)?")
# A repeated repetition, which Java takes.
REPEATED_TWICE = re.compile(r"(\{\d+(?:,\d*)?\})\{\d+(?:,\d*)?\}")
# Java's classes of characters, in Python's words: enough to make one example.
JAVA_CLASSES = (
    (re.compile(r"\\p\{(?:IsL|L|Alpha|Lower|Ll|ASCII|Graph|Print|Alnum|M|S|P|LD|L\.-)\}"), "a-z"),
    (re.compile(r"\\p\{(?:N|Nd|Digit)\}"), "0-9"),
    (re.compile(r"\\p\{(?:Z|Zs|Space|Blank)\}"), " "),
    (re.compile(r"\\p\{(?:Lu|Upper)\}"), "A-Z"),
    (re.compile(r"\\p\{[^}]*\}|\\P\{[^}]*\}"), "a-z"),
)
MOST_NESTING = 12
# Texts that a client looks into, beyond what the model says of them.
EXAMPLES = {"KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/3c9d4b4a-0d7a-4a6e-8f1c-5d2f1f5f7a11"}
# Kinesis's patterns take any text for a region; its clients do not.
KINESIS_PATTERN = ":aws.*:kinesis:"
KINESIS_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/name/consumer/name:1"


def minimal_input(operation):
    """Keyword arguments for a call of this operation."""
    if operation.input_shape is None:
        return {}
    return structure(operation.input_shape, 0)


def structure(shape, depth):
    required = list(shape.required_members)
    if not required and depth > 0:
        # The query protocols can't tell an empty structure from none, and a union needs one member.
        required = plain_members(shape)[:1]
    return {name: value(shape.members[name], depth + 1) for name in required}


def plain_members(shape):
    """Members that hold no further structures, else all."""
    plain = [name for name, member in shape.members.items() if member.type_name not in ("structure", "list", "map")]
    return plain or list(shape.members)


def value(shape, depth):
    """A value of a shape."""
    if depth > MOST_NESTING:
        raise RecursionError(shape.name)
    return KINDS[shape.type_name](shape, depth)


def sample_list(shape, depth):
    least = int(shape.metadata.get("min", 0))
    # The query protocols can't tell an empty list from none.
    return [value(shape.member, depth + 1) for _ in range(max(least, 1))]


def sample_map(shape, depth):
    least = int(shape.metadata.get("min", 0))
    if least > 1:
        raise ValueError(f"{shape.name} needs {least} different keys")
    return {value(shape.key, depth + 1): value(shape.value, depth + 1)}


def sample_string(shape, _depth=0):
    if getattr(shape, "enum", None):
        return shape.enum[0]
    least = max(int(shape.metadata.get("min", 0)), 1)
    pattern = shape.metadata.get("pattern")
    if shape.name in EXAMPLES:
        return EXAMPLES[shape.name]
    if pattern and KINESIS_PATTERN in pattern:
        return KINESIS_ARN
    text = example(pattern, least) if pattern else "a" * least
    return text or "a"


def number(shape, _depth=0):
    return max(int(shape.metadata.get("min", 1)), 1) if shape.metadata.get("max", 1) >= 1 else shape.metadata["max"]


def blob(shape, _depth=0):
    return b"a" * max(int(shape.metadata.get("min", 0)), 1)


KINDS = {
    "structure": structure,
    "list": sample_list,
    "map": sample_map,
    "string": sample_string,
    "integer": number,
    "long": number,
    "float": lambda shape, depth: float(number(shape)),
    "double": lambda shape, depth: float(number(shape)),
    "boolean": lambda shape, depth: True,
    "blob": blob,
    "timestamp": lambda shape, depth: datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
}


def example(pattern, least):
    """A text of at least this length that the pattern matches."""
    translated = REPEATED_TWICE.sub(r"\1", SURROGATES.sub("", pattern))
    for java, python in JAVA_CLASSES:
        inside = java.sub(python, translated)
        translated = inside if inside != translated and in_class(translated, java) else java.sub(f"[{python}]", translated)
    parsed = regular_expressions.parse(translated)
    for extra in range(least + 2):
        text = write(parsed, extra)
        if len(text) >= least:
            return text
    return text


def in_class(pattern, java):
    """Whether the class stands within brackets."""
    start = java.search(pattern).start()
    before = re.sub(r"\\.", "", pattern[:start])
    return before.count("[") > before.count("]")


def write(parsed, extra):
    return "".join(write_part(kind, value, extra) for kind, value in parsed)


def write_part(kind, value, extra):
    name = str(kind)
    if name == "LITERAL":
        return chr(value)
    if name in ("ANY", "NOT_LITERAL"):
        return "a" if value != ord("a") else "b"
    if name == "IN":
        return one_of(value)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = value
        return write(inner, extra if int(most) == 1 else 0) * min(max(least, extra), int(most))
    if name == "SUBPATTERN":
        return write(value[-1], extra)
    if name == "BRANCH":
        # The longest alternative: an empty one would match an absent value.
        return max((write(branch, extra) for branch in value[1]), key=len)
    if name == "GROUPREF":
        return ""
    return ""


def one_of(parts):
    for kind, value in parts:
        name = str(kind)
        if name == "NEGATE":
            refused = re.compile(negated(parts))
            return next(letter for letter in "abcABC019-_" if not refused.match(letter))
        if name == "LITERAL" and chr(value).isprintable():
            return chr(value)
        if name == "RANGE":
            return next(chr(code) for code in range(value[0], value[1] + 1) if chr(code).isprintable())
        if name == "CATEGORY":
            return {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " "}.get(str(value), "a")
    return "a"


def negated(parts):
    texts = []
    for kind, value in parts:
        name = str(kind)
        if name == "LITERAL":
            texts.append(re.escape(chr(value)))
        elif name == "RANGE":
            texts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        elif name == "CATEGORY":
            texts.append({"CATEGORY_DIGIT": r"\d", "CATEGORY_WORD": r"\w", "CATEGORY_SPACE": r"\s"}.get(str(value), ""))
    return f"[{''.join(texts)}]"

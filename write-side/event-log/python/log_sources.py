"""The values of one partition's records, in order, from PostgreSQL or Kafka: as much of their protocols as that takes.

Any client of either does as well; these need nothing installed. EventStoreDB is read by its client for Python, `kurrentdbclient`.
"""
import base64, hashlib, hmac, os, re, socket, struct, urllib.parse

TIMEOUT_SECONDS = 30


class Stream:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), TIMEOUT_SECONDS)

    def send(self, data):
        self.socket.sendall(data)

    def take(self, count):
        parts = []
        while count > 0:
            part = self.socket.recv(min(count, 1 << 16))
            if not part:
                raise ConnectionError("the server hung up")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def postgres_values(url, partition):
    """All of `event_log.records` of a partition."""
    parts = urllib.parse.urlsplit(url)
    user, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    stream = Stream(parts.hostname, parts.port or 5432)
    start = b"\0".join([b"user", user.encode(), b"database", urllib.parse.unquote(parts.path[1:]).encode(), b"", b""])
    stream.send(struct.pack(">ii", len(start) + 8, 196608) + start)
    sign_in(stream, password)
    query = f'select value from event_log.records where partition = {int(partition)} order by "offset"'
    stream.send(message(b"Q", query.encode() + b"\0"))
    # A row is one column in text: its length, and `\x` with hexadecimal digits.
    return [bytes.fromhex(row[8:].decode()) for kind, row in answers(stream) if kind == b"D"]


def message(kind, body):
    return kind + struct.pack(">i", len(body) + 4) + body


def answers(stream):
    """The server's messages until it is ready for the next query."""
    kind = b""
    while kind != b"Z":
        kind, length = struct.unpack(">ci", stream.take(5))
        body = stream.take(length - 4)
        if kind == b"E":
            raise ConnectionError(body.decode("utf-8", "replace"))
        yield kind, body


def sign_in(stream, password):
    """Without a password, or with SCRAM-SHA-256 (RFC 5802)."""
    nonce = base64.b64encode(os.urandom(18)).decode()
    first = f"n=,r={nonce}"
    signature = b""
    for kind, body in answers(stream):
        if kind != b"R":
            continue
        (code,) = struct.unpack(">i", body[:4])
        if code == 10:
            client_first = ("n,," + first).encode()
            stream.send(message(b"p", b"SCRAM-SHA-256\0" + struct.pack(">i", len(client_first)) + client_first))
        elif code == 11:
            server_first = body[4:].decode()
            said = dict(part.split("=", 1) for part in server_first.split(","))
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"]), int(said["i"]))
            key = hmac.digest(salted, b"Client Key", "sha256")
            final = f'c=biws,r={said["r"]}'
            signed = f"{first},{server_first},{final}".encode()
            proof = bytes(a ^ b for a, b in zip(key, hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")))
            signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
            stream.send(message(b"p", f"{final},p={base64.b64encode(proof).decode()}".encode()))
        elif code == 12:
            if body[4:].decode() != "v=" + base64.b64encode(signature).decode():
                raise ConnectionError("the server does not know the password")
        elif code != 0:
            raise ConnectionError(f"sign-in of kind {code} is not known here")


def kafka_values(broker, topic, partition):
    """All records of a partition, from its leader, up to the high watermark."""
    host, port = leader_of(broker, topic, partition)
    stream = Stream(host, int(port))
    values, end = [], None
    while end is None or len(values) < end:
        fetch = struct.pack(">iiiib", -1, 500, 1, 64 << 20, 0)
        wanted = struct.pack(">iiqi", 1, partition, len(values), 32 << 20)
        answer = ask(stream, 1, 4, fetch + struct.pack(">i", 1) + text(topic) + wanted)
        at = 4 + 4 + 2 + len(topic) + 4 + 4
        error, end = struct.unpack(">hq", answer[at:at + 10])
        if error:
            raise ConnectionError(f"Kafka answers error {error}")
        at += 10 + 8
        (aborted,) = struct.unpack(">i", answer[at:at + 4])
        at += 4 + 16 * max(0, aborted)
        values += values_of(answer[at + 4:], len(values))
    return values


def leader_of(broker, topic, partition):
    answer = ask(Stream(*re.fullmatch(r"(.*):(\d+)", broker).groups()), 3, 1, struct.pack(">i", 1) + text(topic))
    at, brokers = 4, {}
    for _ in range(struct.unpack(">i", answer[:4])[0]):
        node, length = struct.unpack(">ih", answer[at:at + 6])
        host = answer[at + 6:at + 6 + length].decode()
        at += 6 + length
        port, rack = struct.unpack(">ih", answer[at:at + 6])
        brokers[node] = (host, port)
        at += 6 + max(0, rack)
    # Behind the brokers: the controller, one topic, its error, name and whether it is internal, and its partitions.
    at += 4 + 4 + 2 + 2 + len(topic) + 1
    (count,) = struct.unpack(">i", answer[at:at + 4])
    at += 4
    for _ in range(count):
        _, number, leader, replicas = struct.unpack(">hiii", answer[at:at + 14])
        at += 14 + 4 * replicas
        at += 4 + 4 * struct.unpack(">i", answer[at:at + 4])[0]
        if number == partition:
            return brokers[leader]
    raise ConnectionError(f"the topic has no partition {partition}")


def ask(stream, api, version, body):
    head = struct.pack(">hhi", api, version, 1) + text("ledger-reader")
    stream.send(struct.pack(">i", len(head) + len(body)) + head + body)
    (length,) = struct.unpack(">i", stream.take(4))
    return stream.take(length)[4:]


def text(of):
    return struct.pack(">h", len(of)) + of.encode()


def values_of(batches, first):
    """The values from an offset on of whole record batches (magic 2); a fetch may begin before and end in a part."""
    at, values = 0, []
    while at + 61 <= len(batches):
        base, length = struct.unpack(">qi", batches[at:at + 12])
        if at + 12 + length > len(batches):
            break
        (count,) = struct.unpack(">i", batches[at + 57:at + 61])
        place = at + 61
        for index in range(count):
            size, place = varint(batches, place)
            inner, behind = place + 1, place + size
            for _ in range(2):
                _, inner = varint(batches, inner)
            key, inner = varint(batches, inner)
            value, inner = varint(batches, inner + max(0, key))
            if base + index >= first:
                values.append(batches[inner:inner + value])
            place = behind
        at += 12 + length
    return values


def varint(data, at):
    shift = number = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at


def eventstoredb_values(url, prefix, partition):
    """All of the stream `prefix-partition`, whose revisions leave none out."""
    from kurrentdbclient import KurrentDBClient
    from kurrentdbclient.exceptions import NotFoundError

    client = KurrentDBClient(url)
    try:
        values = []
        for event in client.read_stream(f"{prefix}-{int(partition)}", timeout=TIMEOUT_SECONDS):
            if event.stream_position != len(values):
                raise ValueError(f"revision {len(values)} is missing")
            values.append(event.data)
        return values
    except NotFoundError:
        return []
    finally:
        client.close()

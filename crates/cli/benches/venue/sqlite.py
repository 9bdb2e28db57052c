"""SQLite as a journal: rows of a size, so many to a commit, write-ahead log, every commit synced. Prints commands a second."""
import os
import sqlite3
import sys
import time

path, size, group, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
db = sqlite3.connect(path, isolation_level=None)
assert db.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal"
db.execute("PRAGMA synchronous = FULL")
db.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL)")
entries = [(os.urandom(size),) for _ in range(group)]
count, begun = 0, time.monotonic()
while time.monotonic() - begun < seconds:
    db.execute("BEGIN")
    db.executemany("INSERT INTO journal (entry) VALUES (?)", entries)
    db.execute("COMMIT")
    count += group
print(f"{count / (time.monotonic() - begun):.0f} {sqlite3.sqlite_version}")

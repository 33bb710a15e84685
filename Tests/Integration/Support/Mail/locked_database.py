"""Another program that holds a SQLite file's lock, from the line that it prints until its standard input ends.

usage: locked_database.py DIR FILE
"""
import shutil, sqlite3, sys

connection = sqlite3.connect(sys.argv[2], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("{}", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
shutil.rmtree(sys.argv[1], ignore_errors=True)

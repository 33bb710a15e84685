-- Run once by the image, when its volume is empty: makes the role of all processes, and its database. It is not the server's
-- superuser `postgres`, whose password is secrets/postgres-password.
\set password `cat /run/secrets/database-password`
-- A statement that fails is logged; this one has a password.
SET log_min_error_statement = panic;
CREATE ROLE orderrelay LOGIN PASSWORD :'password';
CREATE DATABASE orderrelay OWNER orderrelay ENCODING 'UTF8' TEMPLATE template0;

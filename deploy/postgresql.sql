-- Roles and database, once, as a superuser:   psql --file postgresql.sql
-- The owner makes and alters tables (`ordi upgrade`); the pages use a role that owns none, and so can neither drop a
-- trigger, nor disable it, nor truncate a table: what is written in the journal stays written.
\set ON_ERROR_STOP on
\if :{?database} \else \set database ordi \endif
\if :{?owner} \else \set owner ordi_owner \endif
\if :{?runtime} \else \set runtime ordi \endif

CREATE ROLE :"owner" LOGIN;
CREATE ROLE :"runtime" LOGIN CONNECTION LIMIT 40;
CREATE DATABASE :"database" OWNER :"owner" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"runtime";

\connect :"database"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"runtime";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"runtime";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO :"runtime";
ALTER ROLE :"runtime" IN DATABASE :"database" SET statement_timeout = '60s';
ALTER ROLE :"runtime" IN DATABASE :"database" SET idle_in_transaction_session_timeout = '60s';

-- The statement that creates the database $1, quoted; no row where it exists. CREATE DATABASE itself takes no parameters.
select format('create database %I', $1)
where not exists (select from pg_catalog.pg_database where datname = $1);

-- In which directory of the server's machine new tables go, null if this role may not know it; and by which of its addresses the server is spoken to, null over
-- a socket.
select
  coalesce(nullif(pg_tablespace_location(coalesce(
    (select oid from pg_tablespace where spcname = current_setting('default_tablespace')),
    (select dattablespace from pg_database where datname = current_database()))), ''),
  (select setting from pg_settings where name = 'data_directory')),
  inet_server_addr();

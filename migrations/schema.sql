-- The schema after the last migration, written by a test; see schema.test.ts.

-- Schemas

create schema flowledger;
create schema ledger;
create schema identity;
create schema directory;
create schema audit;
create schema access;
create schema rollup;
create schema reports;

-- Tables

create table flowledger.migration (
  name character varying(255) not null,
  "timestamp" character varying(255) not null
);
create table flowledger.migration_lock (
  id character varying(255) not null,
  is_locked integer not null default 0
);
create table ledger.archive_version (
  id boolean not null default true,
  version bigint not null
);
create table ledger.cursor (
  source smallint not null,
  spool text not null,
  segment bigint not null,
  byte_offset bigint not null
);
create table ledger.deterministic_map (
  id bigint not null generated always as identity,
  name text not null,
  definition jsonb not null,
  digest bytea not null,
  first_address inet not null,
  last_address inet not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone,
  recorded_at timestamp with time zone not null default now()
);
create table ledger.flow (
  public_key bigint not null,
  start_at timestamp with time zone not null,
  end_at timestamp with time zone not null,
  connection_start_at timestamp with time zone not null,
  flow_id bigint not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  conntrack_id integer not null,
  last_packet_ms integer not null,
  inside_port smallint not null,
  remote_port smallint not null,
  source smallint not null,
  protocol smallint not null,
  kind smallint not null,
  inside_ip bytea not null,
  remote_ip bytea not null,
  extra bytea not null,
  application text,
  protocol_name text,
  host_name text,
  user_name text
) partition by RANGE (start_at);
create table ledger.gap (
  id bigint not null generated always as identity,
  source smallint not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  reason text not null,
  lost bigint,
  recorded_at timestamp with time zone not null default now()
);
create table ledger.held (
  hold bigint not null,
  public_key bigint not null,
  start_at timestamp with time zone not null,
  end_at timestamp with time zone not null,
  connection_start_at timestamp with time zone not null,
  flow_id bigint not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  conntrack_id integer not null,
  last_packet_ms integer not null,
  inside_port smallint not null,
  remote_port smallint not null,
  source smallint not null,
  protocol smallint not null,
  kind smallint not null,
  inside_ip bytea not null,
  remote_ip bytea not null,
  extra bytea not null,
  application text,
  protocol_name text,
  host_name text,
  user_name text,
  copied_at timestamp with time zone not null default now()
);
create table ledger.nat_event (
  at timestamp with time zone not null,
  source smallint not null,
  event smallint not null,
  protocol smallint not null,
  vrf bigint not null,
  inside_ip inet,
  public_ip inet,
  user_name text not null,
  pool_name text not null,
  id bigint not null generated always as identity,
  detail bigint,
  configured_limit bigint
);
create table ledger.port_block (
  address_key bigint not null,
  start_at timestamp with time zone not null,
  end_at timestamp with time zone not null,
  held_from timestamp with time zone not null,
  flow_id bigint not null,
  vrf bigint not null,
  port_start integer not null,
  port_end integer not null,
  step integer not null,
  source smallint not null,
  protocol smallint not null,
  flags smallint not null,
  is_address boolean not null,
  inside_ip bytea not null,
  public_ip bytea not null,
  user_name text not null,
  pool_name text not null
) partition by RANGE (start_at);
create table ledger.retention_edge (
  source smallint not null,
  kind text not null,
  field text not null,
  through_at timestamp with time zone not null,
  rule text not null
);
create table ledger.sealed_file (
  id bigint not null generated always as identity,
  hour timestamp with time zone not null,
  generation integer not null,
  path text not null,
  state text not null default 'sealed'::text,
  row_count bigint not null,
  octets bigint not null,
  sha256 bytea not null,
  checksum bytea not null,
  first_key bigint not null,
  last_key bigint not null,
  first_start timestamp with time zone not null,
  last_start timestamp with time zone not null,
  first_end timestamp with time zone not null,
  last_end timestamp with time zone not null,
  sources smallint[] not null,
  dropped_fields text[] not null default '{}'::text[],
  sealed_at timestamp with time zone not null default now(),
  replaced_by bigint,
  purged_at timestamp with time zone,
  purge_reason text,
  index_sha256 bytea,
  removed_at timestamp with time zone,
  joined bigint not null default 0,
  format smallint not null default 3
);
create table ledger.source (
  id smallint not null generated always as identity,
  name text not null,
  kind text not null,
  skew_us bigint not null default 0,
  watched_from timestamp with time zone,
  watermark timestamp with time zone,
  closed_through timestamp with time zone,
  listener smallint
);
create table identity.cursor (
  source integer not null,
  key text not null,
  file text not null,
  byte_offset bigint not null
);
create table identity.gap (
  id bigint not null generated always as identity,
  source integer not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  reason text not null,
  recorded_at timestamp with time zone not null default now()
);
create table identity.holding (
  id bigint not null default nextval('identity.holding_id'::regclass),
  start_at timestamp with time zone not null,
  alive_at timestamp with time zone not null,
  until_at timestamp with time zone not null,
  end_at timestamp with time zone not null,
  stop_at timestamp with time zone,
  bound_at timestamp with time zone,
  merged_into bigint,
  source integer not null,
  end_week smallint not null,
  start_known boolean not null,
  stop_told boolean not null,
  weak boolean not null,
  key uuid not null,
  mac macaddr,
  kind text not null,
  prefix cidr,
  duid text,
  client_id text,
  circuit_id text,
  remote_id text,
  hostname text,
  user_name text,
  session text,
  nas text,
  station text,
  first_record text not null,
  last_record text not null
);
create table identity.prefix_length (
  family smallint not null,
  length smallint not null
);
create table identity.restart (
  source integer not null,
  nas text not null,
  at timestamp with time zone not null,
  record text not null
);
create table identity.source (
  id integer not null generated always as identity,
  name text not null,
  kind text not null,
  skew_us bigint not null default 0,
  first_heard timestamp with time zone,
  last_heard timestamp with time zone,
  read_count bigint not null default 0,
  unknown_count bigint not null default 0,
  refused_count bigint not null default 0
);
create table directory.key (
  subscriber bigint not null,
  type text not null,
  value text not null,
  prefix cidr,
  to_at timestamp with time zone not null
);
create table directory.source (
  id integer not null generated always as identity,
  name text not null,
  kind text not null
);
create table directory.subscriber (
  id bigint not null generated always as identity,
  source integer not null,
  version bigint not null,
  ended_by bigint,
  superseded_by bigint,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  shared boolean not null,
  digest uuid not null,
  subscriber text not null,
  name text,
  contact text,
  attributes jsonb not null default '{}'::jsonb
);
create table directory.version (
  id bigint not null generated always as identity,
  source integer not null,
  loaded_at timestamp with time zone not null,
  digest bytea not null,
  origin text not null,
  row_count integer not null,
  added integer not null,
  ended integer not null,
  refused integer not null
);
create table audit.entry (
  id bigint not null,
  at timestamp with time zone not null,
  actor text not null,
  action text not null,
  detail text not null,
  prev_hash bytea not null,
  hash bytea not null
);
create table access.approval (
  id bigint not null generated always as identity,
  act text not null,
  subject text not null,
  digest bytea not null,
  reason text not null,
  case_ref text,
  state text not null,
  requester text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null default now(),
  decider text,
  decided_by text,
  decided_at timestamp with time zone,
  note text,
  valid_until timestamp with time zone,
  uses_left integer not null default 0,
  acknowledged_by text,
  acknowledged_at timestamp with time zone
);
create table access.person (
  issuer text not null,
  subject text not null,
  name text not null,
  person text not null,
  roles text[] not null,
  first_login_at timestamp with time zone not null default now(),
  last_login_at timestamp with time zone not null default now()
);
create table access.session (
  digest bytea not null,
  issuer text not null,
  subject text not null,
  created_at timestamp with time zone not null default now(),
  used_at timestamp with time zone not null default now(),
  idle_us bigint not null,
  expires_at timestamp with time zone not null
);
create table access.token (
  id bigint not null generated always as identity,
  name text not null,
  role text not null,
  digest bytea not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  person text,
  created_by text,
  rights text[],
  prefixes text[],
  limit_count integer,
  limit_us bigint
);
create table access.token_session (
  digest bytea not null,
  token_digest bytea not null,
  idle_us bigint not null,
  created_at timestamp with time zone not null default now(),
  used_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null
);
create table rollup.gauge_day (
  at timestamp with time zone not null,
  total numeric not null,
  highest bigint not null,
  last bigint not null,
  ceiling bigint,
  samples integer not null,
  source smallint not null,
  gauge text not null
);
create table rollup.gauge_hour (
  at timestamp with time zone not null,
  total numeric not null,
  highest bigint not null,
  last bigint not null,
  ceiling bigint,
  samples integer not null,
  source smallint not null,
  gauge text not null
);
create table rollup.gauge_minute (
  at timestamp with time zone not null,
  total numeric not null,
  highest bigint not null,
  last bigint not null,
  ceiling bigint,
  samples integer not null,
  source smallint not null,
  gauge text not null
);
create table rollup.pool_day (
  at timestamp with time zone not null,
  held_us bigint not null,
  connections bigint not null,
  block_us bigint not null,
  block_port_us bigint not null,
  ports_p50 real,
  ports_p95 real,
  ports_max real,
  subscribers integer,
  sketch bytea,
  source smallint not null,
  address inet not null
);
create table rollup.pool_hour (
  at timestamp with time zone not null,
  held_us bigint not null,
  connections bigint not null,
  block_us bigint not null,
  block_port_us bigint not null,
  ports_p50 real,
  ports_p95 real,
  ports_max real,
  subscribers integer,
  sketch bytea,
  source smallint not null,
  address inet not null
);
create table rollup.pool_minute (
  at timestamp with time zone not null,
  held_us bigint not null,
  connections bigint not null,
  block_us bigint not null,
  block_port_us bigint not null,
  source smallint not null,
  address inet not null
);
create table rollup.stale (
  source smallint not null,
  at timestamp with time zone not null
);
create table rollup.traffic_day (
  at timestamp with time zone not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  connections bigint not null,
  slices bigint not null,
  dimension smallint not null,
  source smallint not null,
  item text not null
);
create table rollup.traffic_five_minutes (
  at timestamp with time zone not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  connections bigint not null,
  slices bigint not null,
  dimension smallint not null,
  source smallint not null,
  item text not null
);
create table rollup.traffic_hour (
  at timestamp with time zone not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  connections bigint not null,
  slices bigint not null,
  dimension smallint not null,
  source smallint not null,
  item text not null
);
create table rollup.traffic_minute (
  at timestamp with time zone not null,
  octets bigint not null,
  reverse_octets bigint not null,
  packets bigint not null,
  reverse_packets bigint not null,
  connections bigint not null,
  slices bigint not null,
  dimension smallint not null,
  source smallint not null,
  item text not null
);

-- Constraints

alter table flowledger.migration add constraint migration_pkey PRIMARY KEY (name);
alter table flowledger.migration_lock add constraint migration_lock_pkey PRIMARY KEY (id);
alter table ledger.archive_version add constraint archive_version_id_check CHECK (id);
alter table ledger.archive_version add constraint archive_version_pkey PRIMARY KEY (id);
alter table ledger.cursor add constraint cursor_pkey PRIMARY KEY (source, spool);
alter table ledger.cursor add constraint cursor_source_fkey FOREIGN KEY (source) REFERENCES ledger.source(id);
alter table ledger.cursor add constraint cursor_spool_check CHECK ((length(spool) <= 200));
alter table ledger.deterministic_map add constraint deterministic_map_check CHECK ((last_address >= first_address));
alter table ledger.deterministic_map add constraint deterministic_map_check1 CHECK ((valid_to > valid_from));
alter table ledger.deterministic_map add constraint deterministic_map_digest_check CHECK ((length(digest) = 32));
alter table ledger.deterministic_map add constraint deterministic_map_name_check CHECK (((length(name) >= 1) AND (length(name) <= 64)));
alter table ledger.deterministic_map add constraint deterministic_map_pkey PRIMARY KEY (id);
alter table ledger.gap add constraint gap_check CHECK ((to_at >= from_at));
alter table ledger.gap add constraint gap_pkey PRIMARY KEY (id);
alter table ledger.gap add constraint gap_source_fkey FOREIGN KEY (source) REFERENCES ledger.source(id);
alter table ledger.held add constraint held_pkey PRIMARY KEY (hold, source, flow_id, start_at, public_key, kind);
alter table ledger.nat_event add constraint nat_event_source_fkey FOREIGN KEY (source) REFERENCES ledger.source(id);
alter table ledger.port_block add constraint port_block_step_check CHECK ((step > 0));
alter table ledger.retention_edge add constraint retention_edge_pkey PRIMARY KEY (source, kind, field);
alter table ledger.retention_edge add constraint retention_edge_source_fkey FOREIGN KEY (source) REFERENCES ledger.source(id);
alter table ledger.sealed_file add constraint sealed_file_check CHECK (((state = 'replaced'::text) = (replaced_by IS NOT NULL)));
alter table ledger.sealed_file add constraint sealed_file_check1 CHECK (((state = 'purged'::text) = (purged_at IS NOT NULL)));
alter table ledger.sealed_file add constraint sealed_file_checksum_check CHECK ((length(checksum) = 8));
alter table ledger.sealed_file add constraint sealed_file_format CHECK ((format = ANY (ARRAY[3, 4])));
alter table ledger.sealed_file add constraint sealed_file_generation_check CHECK ((generation >= 1));
alter table ledger.sealed_file add constraint sealed_file_hour_check CHECK ((hour = date_trunc('hour'::text, hour, 'UTC'::text)));
alter table ledger.sealed_file add constraint sealed_file_hour_generation_key UNIQUE (hour, generation);
alter table ledger.sealed_file add constraint sealed_file_index_sha256_check CHECK ((length(index_sha256) = 32));
alter table ledger.sealed_file add constraint sealed_file_joined CHECK (((joined >= 0) AND (joined < row_count)));
alter table ledger.sealed_file add constraint sealed_file_octets_check CHECK ((octets > 0));
alter table ledger.sealed_file add constraint sealed_file_path_check CHECK (((length(path) >= 1) AND (length(path) <= 300)));
alter table ledger.sealed_file add constraint sealed_file_path_key UNIQUE (path);
alter table ledger.sealed_file add constraint sealed_file_pkey PRIMARY KEY (id);
alter table ledger.sealed_file add constraint sealed_file_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES ledger.sealed_file(id);
alter table ledger.sealed_file add constraint sealed_file_row_count_check CHECK ((row_count > 0));
alter table ledger.sealed_file add constraint sealed_file_sha256_check CHECK ((length(sha256) = 32));
alter table ledger.sealed_file add constraint sealed_file_state_check CHECK ((state = ANY (ARRAY['sealed'::text, 'replaced'::text, 'purged'::text])));
alter table ledger.source add constraint source_listener_fkey FOREIGN KEY (listener) REFERENCES ledger.source(id);
alter table ledger.source add constraint source_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table ledger.source add constraint source_name_key UNIQUE (name);
alter table ledger.source add constraint source_pkey PRIMARY KEY (id);
alter table ledger.source add constraint source_skew_us_check CHECK ((skew_us >= 0));
alter table identity.cursor add constraint cursor_file_check CHECK ((length(file) <= 4096));
alter table identity.cursor add constraint cursor_key_check CHECK ((length(key) <= 500));
alter table identity.cursor add constraint cursor_pkey PRIMARY KEY (source, key);
alter table identity.cursor add constraint cursor_source_fkey FOREIGN KEY (source) REFERENCES identity.source(id);
alter table identity.gap add constraint gap_check CHECK ((to_at >= from_at));
alter table identity.gap add constraint gap_pkey PRIMARY KEY (id);
alter table identity.gap add constraint gap_source_fkey FOREIGN KEY (source) REFERENCES identity.source(id);
alter table identity.holding add constraint holding_pkey PRIMARY KEY (id);
alter table identity.prefix_length add constraint prefix_length_family_check CHECK ((family = ANY (ARRAY[4, 6])));
alter table identity.prefix_length add constraint prefix_length_length_check CHECK (((length >= 0) AND (length <= 128)));
alter table identity.prefix_length add constraint prefix_length_pkey PRIMARY KEY (family, length);
alter table identity.restart add constraint restart_pkey PRIMARY KEY (source, nas, at);
alter table identity.restart add constraint restart_source_fkey FOREIGN KEY (source) REFERENCES identity.source(id);
alter table identity.source add constraint source_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table identity.source add constraint source_name_key UNIQUE (name);
alter table identity.source add constraint source_pkey PRIMARY KEY (id);
alter table identity.source add constraint source_skew_us_check CHECK ((skew_us >= 0));
alter table directory.key add constraint key_subscriber_fkey FOREIGN KEY (subscriber) REFERENCES directory.subscriber(id);
alter table directory.source add constraint source_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table directory.source add constraint source_name_key UNIQUE (name);
alter table directory.source add constraint source_pkey PRIMARY KEY (id);
alter table directory.subscriber add constraint subscriber_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES directory.version(id);
alter table directory.subscriber add constraint subscriber_pkey PRIMARY KEY (id);
alter table directory.subscriber add constraint subscriber_source_fkey FOREIGN KEY (source) REFERENCES directory.source(id);
alter table directory.subscriber add constraint subscriber_superseded_by_fkey FOREIGN KEY (superseded_by) REFERENCES directory.version(id);
alter table directory.subscriber add constraint subscriber_version_fkey FOREIGN KEY (version) REFERENCES directory.version(id);
alter table directory.version add constraint version_digest_check CHECK ((length(digest) = 32));
alter table directory.version add constraint version_pkey PRIMARY KEY (id);
alter table directory.version add constraint version_source_fkey FOREIGN KEY (source) REFERENCES directory.source(id);
alter table directory.version add constraint version_source_loaded_at_key UNIQUE (source, loaded_at);
alter table audit.entry add constraint entry_hash_check CHECK ((length(hash) = 32));
alter table audit.entry add constraint entry_pkey PRIMARY KEY (id);
alter table audit.entry add constraint entry_prev_hash_check CHECK ((length(prev_hash) = 32));
alter table access.approval add constraint approval_check CHECK (((decider IS NULL) OR (decider <> requester)));
alter table access.approval add constraint approval_check1 CHECK (((acknowledged_by IS NULL) OR (acknowledged_by <> requester)));
alter table access.approval add constraint approval_check2 CHECK (((state <> 'approved'::text) OR (decider IS NOT NULL)));
alter table access.approval add constraint approval_digest_check CHECK ((length(digest) = 32));
alter table access.approval add constraint approval_pkey PRIMARY KEY (id);
alter table access.approval add constraint approval_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'refused'::text, 'emergency'::text])));
alter table access.approval add constraint approval_uses_left_check CHECK ((uses_left >= 0));
alter table access.person add constraint person_pkey PRIMARY KEY (issuer, subject);
alter table access.session add constraint session_digest_check CHECK ((length(digest) = 32));
alter table access.session add constraint session_idle_us_check CHECK ((idle_us > 0));
alter table access.session add constraint session_issuer_subject_fkey FOREIGN KEY (issuer, subject) REFERENCES access.person(issuer, subject);
alter table access.session add constraint session_pkey PRIMARY KEY (digest);
alter table access.token add constraint token_check CHECK (((limit_count IS NULL) = (limit_us IS NULL)));
alter table access.token add constraint token_digest_check CHECK ((length(digest) = 32));
alter table access.token add constraint token_digest_key UNIQUE (digest);
alter table access.token add constraint token_limit_count_check CHECK ((limit_count > 0));
alter table access.token add constraint token_limit_us_check CHECK ((limit_us > 0));
alter table access.token add constraint token_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table access.token add constraint token_name_key UNIQUE (name);
alter table access.token add constraint token_person_check CHECK (((length(person) >= 1) AND (length(person) <= 200)));
alter table access.token add constraint token_pkey PRIMARY KEY (id);
alter table access.token_session add constraint token_session_digest_check CHECK ((length(digest) = 32));
alter table access.token_session add constraint token_session_idle_us_check CHECK ((idle_us > 0));
alter table access.token_session add constraint token_session_pkey PRIMARY KEY (digest);
alter table access.token_session add constraint token_session_token_digest_check CHECK ((length(token_digest) = 32));
alter table rollup.gauge_day add constraint gauge_day_gauge_check CHECK ((length(gauge) <= 100));
alter table rollup.gauge_day add constraint gauge_day_pkey PRIMARY KEY (gauge, at, source);
alter table rollup.gauge_hour add constraint gauge_hour_gauge_check CHECK ((length(gauge) <= 100));
alter table rollup.gauge_hour add constraint gauge_hour_pkey PRIMARY KEY (gauge, at, source);
alter table rollup.gauge_minute add constraint gauge_minute_gauge_check CHECK ((length(gauge) <= 100));
alter table rollup.gauge_minute add constraint gauge_minute_pkey PRIMARY KEY (gauge, at, source);
alter table rollup.pool_day add constraint pool_day_pkey PRIMARY KEY (at, source, address);
alter table rollup.pool_day add constraint pool_day_sketch_check CHECK ((length(sketch) = 1024));
alter table rollup.pool_hour add constraint pool_hour_pkey PRIMARY KEY (at, source, address);
alter table rollup.pool_hour add constraint pool_hour_sketch_check CHECK ((length(sketch) = 1024));
alter table rollup.pool_minute add constraint pool_minute_pkey PRIMARY KEY (at, source, address);
alter table rollup.stale add constraint stale_pkey PRIMARY KEY (source, at);
alter table rollup.traffic_day add constraint traffic_day_item_check CHECK ((length(item) <= 100));
alter table rollup.traffic_day add constraint traffic_day_pkey PRIMARY KEY (dimension, at, source, item);
alter table rollup.traffic_five_minutes add constraint traffic_five_minutes_item_check CHECK ((length(item) <= 100));
alter table rollup.traffic_five_minutes add constraint traffic_five_minutes_pkey PRIMARY KEY (dimension, at, source, item);
alter table rollup.traffic_hour add constraint traffic_hour_item_check CHECK ((length(item) <= 100));
alter table rollup.traffic_hour add constraint traffic_hour_pkey PRIMARY KEY (dimension, at, source, item);
alter table rollup.traffic_minute add constraint traffic_minute_item_check CHECK ((length(item) <= 100));
alter table rollup.traffic_minute add constraint traffic_minute_pkey PRIMARY KEY (dimension, at, source, item);

-- Indexes

CREATE UNIQUE INDEX deterministic_map_in_force ON ledger.deterministic_map USING btree (name) WHERE (valid_to IS NULL);
CREATE INDEX flow_public_key ON ONLY ledger.flow USING btree (public_key);
CREATE INDEX gap_interval ON ledger.gap USING gist (tstzrange(from_at, to_at, '[]'::text));
CREATE INDEX held_key ON ledger.held USING btree (public_key, start_at);
CREATE UNIQUE INDEX nat_event_at ON ledger.nat_event USING btree (at, id);
CREATE INDEX port_block_key ON ONLY ledger.port_block USING btree (address_key, start_at);
CREATE INDEX sealed_file_starts ON ledger.sealed_file USING btree (last_start) WHERE (state = 'sealed'::text);
CREATE INDEX sealed_file_to_remove ON ledger.sealed_file USING btree (hour) WHERE ((state <> 'sealed'::text) AND (removed_at IS NULL));
CREATE INDEX gap_time ON identity.gap USING btree (source, to_at);
CREATE INDEX holding_circuit ON identity.holding USING btree (lower(circuit_id), end_week) WHERE ((merged_into IS NULL) AND (circuit_id IS NOT NULL));
CREATE INDEX holding_duid ON identity.holding USING btree (duid, end_week) WHERE ((merged_into IS NULL) AND (duid IS NOT NULL));
CREATE INDEX holding_key ON identity.holding USING btree (key, start_at) WHERE (merged_into IS NULL);
CREATE INDEX holding_mac ON identity.holding USING btree (mac, end_week) WHERE ((merged_into IS NULL) AND (mac IS NOT NULL));
CREATE INDEX holding_nas ON identity.holding USING btree (source, COALESCE(nas, ''::text), end_week) WHERE ((merged_into IS NULL) AND (stop_at IS NULL) AND (kind = ANY (ARRAY['session'::text, 'neighbour'::text, 'login'::text])));
CREATE INDEX holding_prefix ON identity.holding USING btree (prefix, end_week, start_at) WHERE ((merged_into IS NULL) AND (prefix IS NOT NULL));
CREATE INDEX holding_remote ON identity.holding USING btree (lower(remote_id), end_week) WHERE ((merged_into IS NULL) AND (remote_id IS NOT NULL));
CREATE INDEX holding_user ON identity.holding USING btree (lower(user_name), end_week) WHERE ((merged_into IS NULL) AND (user_name IS NOT NULL));
CREATE INDEX key_prefix ON directory.key USING btree (prefix) WHERE (prefix IS NOT NULL);
CREATE INDEX key_subscriber ON directory.key USING btree (subscriber);
CREATE INDEX key_value ON directory.key USING btree (type, value);
CREATE INDEX subscriber_current ON directory.subscriber USING btree (source, digest) WHERE (ended_by IS NULL);
CREATE INDEX subscriber_number ON directory.subscriber USING btree (subscriber, from_at);
CREATE INDEX approval_state ON access.approval USING btree (state, id);

-- Functions

CREATE OR REPLACE FUNCTION ledger.address(octets bytea)
 RETURNS inet
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE length(octets) WHEN 4 THEN (format('%s.%s.%s.%s'::text, get_byte(octets, 0), get_byte(octets, 1), get_byte(octets, 2), get_byte(octets, 3)))::inet WHEN 16 THEN (TRIM(TRAILING ':'::text FROM regexp_replace(encode(octets, 'hex'::text), '(....)'::text, '\1:'::text, 'g'::text)))::inet ELSE NULL::inet END;
CREATE OR REPLACE FUNCTION ledger.count_archive_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      update ledger.archive_version set version = version + 1;
      return null;
    end
    $function$;
CREATE OR REPLACE FUNCTION ledger.ensure_block_partition(day timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      from_at constant timestamptz := date_trunc('day', day, 'UTC');
      partition_name constant text :=
        'port_block_' || to_char(from_at at time zone 'UTC', 'YYYYMMDD');
    begin
      if from_at < '1990-01-01T00:00:00Z' or from_at > now() + interval '3 days' then
        raise exception 'no partition is made for %', day
          using errcode = 'datetime_field_overflow';
      end if;
      if to_regclass('ledger.' || partition_name) is not null then
        return false;
      end if;
      perform pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'));
      perform from pg_class
        where relnamespace = 'ledger'::regnamespace and relname = partition_name;
      if found then
        return false;
      end if;
      execute format(
        'create table ledger.%I (like ledger.port_block including defaults including constraints)',
        partition_name);
      execute format(
        'alter table ledger.port_block attach partition ledger.%I for values from (%L) to (%L)',
        partition_name, from_at, from_at + interval '1 day');
      return true;
    end
    $function$;
CREATE OR REPLACE FUNCTION ledger.ensure_partition(hour timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      from_at constant timestamptz := date_trunc('hour', hour, 'UTC');
      partition_name constant text :=
        'flow_' || to_char(from_at at time zone 'UTC', 'YYYYMMDDHH24');
    begin
      if from_at < '1990-01-01T00:00:00Z' or from_at > now() + interval '3 days' then
        raise exception 'no partition is made for %', hour
          using errcode = 'datetime_field_overflow';
      end if;
      if to_regclass('ledger.' || partition_name) is not null then
        return false;
      end if;
      perform pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'));
      perform from pg_class
        where relnamespace = 'ledger'::regnamespace and relname = partition_name;
      if found then
        return false;
      end if;
      execute format(
        'create table ledger.%I (like ledger.flow including defaults including constraints)',
        partition_name);
      execute format(
        'alter table ledger.flow attach partition ledger.%I for values from (%L) to (%L)',
        partition_name, from_at, from_at + interval '1 hour');
      return true;
    end
    $function$;
CREATE OR REPLACE FUNCTION ledger.keep_held(hold_id bigint, first timestamp with time zone, last timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      held record;
      skew interval;
      copied bigint := 0;
      more bigint;
    begin
      select * into held from cases.hold h where h.id = hold_id and h.released_at is null
        and (h.expires_at is null or h.expires_at > clock_timestamp());
      if not found then return 0; end if;
      select coalesce(max(s.skew_us), 0) * interval '1 microsecond' into skew
        from ledger.source s;
      if held.first_key is not null then
        execute
          'insert into ledger.held select $1, f.* from ledger.flow f
           where f.public_key between $2 and $3
             and ($4::bytea is null or substring(f.extra from 9) = $4)
             and f.start_at >= $5 and f.start_at < $6 and f.start_at <= $7 and f.end_at >= $8
           on conflict do nothing'
          using hold_id, held.first_key, held.last_key, held.octets,
            greatest(first, held.from_at - skew - interval '1 hour'), last,
            held.to_at + skew, held.from_at - skew;
        get diagnostics copied = row_count;
      end if;
      execute
        'insert into ledger.held select distinct $1, f.*, now()
         from unnest($2::text[]) as record,
           lateral regexp_match(record, ''^(.{1,200})/([0-9]{1,20})@([-0-9T:.]{10,30}Z)$'') as part
           join ledger.source s on s.name = part[1]
           join ledger.flow f on f.source = s.id
             and f.flow_id = case when part[2]::numeric >= 9223372036854775808
               then part[2]::numeric - 18446744073709551616 else part[2]::numeric end::bigint
             and f.start_at = part[3]::timestamptz
         where f.start_at >= $3 and f.start_at < $4
         on conflict do nothing'
        using hold_id, held.records, first, last;
      get diagnostics more = row_count;
      return copied + more;
    end
    $function$;
CREATE OR REPLACE FUNCTION ledger.public_address(public_key bigint, extra bytea)
 RETURNS inet
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN (public_key >= 0) THEN ('0.0.0.0'::inet + (public_key >> 16)) ELSE ledger.address(SUBSTRING(extra FROM 9)) END;
CREATE OR REPLACE FUNCTION ledger.word(octets bytea, at integer)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN (length(octets) < (at + 4)) THEN (0)::bigint ELSE (((((get_byte(octets, at))::bigint << 24) + (get_byte(octets, (at + 1)) << 16)) + (get_byte(octets, (at + 2)) << 8)) + get_byte(octets, (at + 3))) END;
CREATE OR REPLACE FUNCTION identity.keep_source()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception 'a source of identities is never deleted: holdings point to it';
    end $function$;

-- Views

create view ledger.flows as
 SELECT s.name AS source,
    f.flow_id,
    (ARRAY['none'::text, 'source'::text, 'destination'::text])[(((f.kind)::integer & 3) + 1)] AS nat,
    f.protocol,
    ledger.address(f.inside_ip) AS inside_ip,
    ((f.inside_port)::integer & 65535) AS inside_port,
    ledger.public_address(f.public_key, f.extra) AS public_ip,
    ((f.public_key & (65535)::bigint))::integer AS public_port,
    ledger.address(f.remote_ip) AS remote_ip,
    ((f.remote_port)::integer & 65535) AS remote_port,
    f.connection_start_at,
    f.start_at,
    f.end_at,
    (f.end_at - ((f.last_packet_ms)::double precision * '00:00:00.001'::interval)) AS last_packet_at,
    f.octets,
    f.packets,
    f.reverse_octets,
    f.reverse_packets,
    ledger.word(f.extra, 0) AS zone,
    ledger.word(f.extra, 4) AS mark,
    ((f.conntrack_id)::bigint & '4294967295'::bigint) AS conntrack_id,
    (((f.kind >> 2))::integer & 1) AS view,
    (((f.kind >> 3))::integer & 255) AS end_reason,
    ((((f.kind >> 11))::integer & 1) = 1) AS continues,
    ((((f.kind >> 12))::integer & 1) = 1) AS inferred,
    ((((f.kind >> 13))::integer & 1) = 1) AS start_unknown,
    ((((f.kind >> 14))::integer & 1) = 1) AS observed_times,
    f.application,
    f.protocol_name,
    f.host_name,
    f.user_name
   FROM (ledger.flow f
     JOIN ledger.source s ON ((s.id = f.source)));
create view ledger.port_blocks as
 SELECT s.name AS source,
    b.flow_id,
    b.protocol,
    b.vrf,
    ledger.address(b.inside_ip) AS inside_ip,
    ledger.address(b.public_ip) AS public_ip,
    b.port_start,
    b.port_end,
    b.step,
    b.held_from,
    b.start_at,
    b.end_at,
    b.is_address,
    b.user_name,
    b.pool_name,
    (((b.flags)::integer & 1) = 1) AS continues,
    (((b.flags)::integer & 2) = 2) AS inferred,
    (((b.flags)::integer & 4) = 4) AS start_unknown,
    (((b.flags)::integer & 8) = 8) AS observed_times
   FROM (ledger.port_block b
     JOIN ledger.source s ON ((s.id = b.source)));
create view identity.holdings as
 SELECT h.id,
    s.name AS source,
    s.kind AS source_kind,
    h.kind,
    h.prefix,
    h.start_at,
    h.start_known,
        CASE
            WHEN h.stop_told THEN h.stop_at
            ELSE h.alive_at
        END AS sure_until,
    h.end_at,
    (h.stop_told AND (h.alive_at <= h.stop_at)) AS end_known,
    h.mac,
    h.duid,
    h.client_id,
    h.circuit_id,
    h.remote_id,
    h.hostname,
    h.user_name,
    h.session,
    h.nas,
    h.station,
    h.first_record,
    h.last_record,
    h.weak
   FROM (identity.holding h
     JOIN identity.source s ON ((s.id = h.source)))
  WHERE (h.merged_into IS NULL);
create view reports.applications_day as
 SELECT r.at,
    s.name AS source,
    r.item AS application,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 1);
create view reports.applications_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS application,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 1);
create view reports.applications_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS application,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 1);
create view reports.categories_day as
 SELECT r.at,
    s.name AS source,
    r.item AS category,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 2);
create view reports.categories_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS category,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 2);
create view reports.categories_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS category,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 2);
create view reports.egress_interfaces_day as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 6);
create view reports.egress_interfaces_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 6);
create view reports.egress_interfaces_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 6);
create view reports.gauges_day as
 SELECT r.at,
    s.name AS source,
    r.gauge,
    ((r.total / (r.samples)::numeric))::double precision AS mean,
    r.highest,
    r.last,
    r.ceiling
   FROM (rollup.gauge_day r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.gauges_hour as
 SELECT r.at,
    s.name AS source,
    r.gauge,
    ((r.total / (r.samples)::numeric))::double precision AS mean,
    r.highest,
    r.last,
    r.ceiling
   FROM (rollup.gauge_hour r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.gauges_minute as
 SELECT r.at,
    s.name AS source,
    r.gauge,
    ((r.total / (r.samples)::numeric))::double precision AS mean,
    r.highest,
    r.last,
    r.ceiling
   FROM (rollup.gauge_minute r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.ingress_interfaces_day as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 5);
create view reports.ingress_interfaces_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 5);
create view reports.ingress_interfaces_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS interface,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 5);
create view reports.nat_events_day as
 SELECT r.at,
    s.name AS source,
    r.item AS event,
    r.slices AS events
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 8);
create view reports.nat_events_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS event,
    r.slices AS events
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 8);
create view reports.nat_events_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS event,
    r.slices AS events
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 8);
create view reports.nat_pool_day as
 SELECT r.at,
    s.name AS source,
    host(r.address) AS address,
    ((r.held_us)::double precision / ((EXTRACT(epoch FROM '1 day'::interval) * '1000000'::numeric))::double precision) AS ports_mean,
    r.connections,
    ((r.block_us)::double precision / ((EXTRACT(epoch FROM '1 day'::interval) * '1000000'::numeric))::double precision) AS blocks_mean,
    ((r.block_port_us)::double precision / ((EXTRACT(epoch FROM '1 day'::interval) * '1000000'::numeric))::double precision) AS block_ports_mean,
    r.ports_p50,
    r.ports_p95,
    r.ports_max,
    r.subscribers
   FROM (rollup.pool_day r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.nat_pool_hour as
 SELECT r.at,
    s.name AS source,
    host(r.address) AS address,
    ((r.held_us)::double precision / ((EXTRACT(epoch FROM '01:00:00'::interval) * '1000000'::numeric))::double precision) AS ports_mean,
    r.connections,
    ((r.block_us)::double precision / ((EXTRACT(epoch FROM '01:00:00'::interval) * '1000000'::numeric))::double precision) AS blocks_mean,
    ((r.block_port_us)::double precision / ((EXTRACT(epoch FROM '01:00:00'::interval) * '1000000'::numeric))::double precision) AS block_ports_mean,
    r.ports_p50,
    r.ports_p95,
    r.ports_max,
    r.subscribers
   FROM (rollup.pool_hour r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.nat_pool_minute as
 SELECT r.at,
    s.name AS source,
    host(r.address) AS address,
    ((r.held_us)::double precision / ((EXTRACT(epoch FROM '00:01:00'::interval) * '1000000'::numeric))::double precision) AS ports_mean,
    r.connections,
    ((r.block_us)::double precision / ((EXTRACT(epoch FROM '00:01:00'::interval) * '1000000'::numeric))::double precision) AS blocks_mean,
    ((r.block_port_us)::double precision / ((EXTRACT(epoch FROM '00:01:00'::interval) * '1000000'::numeric))::double precision) AS block_ports_mean
   FROM (rollup.pool_minute r
     JOIN ledger.source s ON ((s.id = r.source)));
create view reports.protocols_day as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 3);
create view reports.protocols_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 3);
create view reports.protocols_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 3);
create view reports.traffic_day as
 SELECT r.at,
    s.name AS source,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 0);
create view reports.traffic_hour as
 SELECT r.at,
    s.name AS source,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 0);
create view reports.traffic_minute as
 SELECT r.at,
    s.name AS source,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 0);
create view reports.transports_day as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol_number,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_day r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 4);
create view reports.transports_hour as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol_number,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_hour r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 4);
create view reports.transports_minute as
 SELECT r.at,
    s.name AS source,
    r.item AS protocol_number,
    r.octets,
    r.reverse_octets,
    r.packets,
    r.reverse_packets,
    r.connections,
    r.slices
   FROM (rollup.traffic_minute r
     JOIN ledger.source s ON ((s.id = r.source)))
  WHERE (r.dimension = 4);

-- Grants

grant insert, select on access.approval to flowledger_audit;
grant insert, select, update on access.person to flowledger_audit;
grant delete, insert, select, update on access.session to flowledger_audit;
grant insert, select, update on access.token to flowledger_audit;
grant delete, insert, select, update on access.token_session to flowledger_audit;
grant insert, select on audit.entry to flowledger_audit;
grant insert, select, update on directory.key to flowledger_directory;
grant insert, select, update on directory.source to flowledger_directory;
grant insert, select, update on directory.subscriber to flowledger_directory;
grant insert, select on directory.version to flowledger_directory;
grant select on flowledger.migration to flowledger_audit;
grant select on flowledger.migration to flowledger_collector;
grant select on flowledger.migration to flowledger_directory;
grant select on flowledger.migration to flowledger_identity;
grant select on flowledger.migration to flowledger_lookup;
grant execute on function ledger.address(bytea) to flowledger_lookup;
grant execute on function ledger.address(bytea) to public;
grant execute on function ledger.ensure_block_partition(timestamp with time zone) to flowledger_collector;
grant execute on function ledger.ensure_partition(timestamp with time zone) to flowledger_collector;
grant execute on function ledger.keep_held(bigint,timestamp with time zone,timestamp with time zone) to flowledger_audit;
grant execute on function ledger.public_address(bigint,bytea) to flowledger_lookup;
grant execute on function ledger.public_address(bigint,bytea) to public;
grant execute on function ledger.word(bytea,integer) to flowledger_lookup;
grant execute on function ledger.word(bytea,integer) to public;
grant insert, select, update on identity.cursor to flowledger_identity;
grant insert, select on identity.gap to flowledger_identity;
grant insert, select, update on identity.holding to flowledger_identity;
grant usage on identity.holding_id to flowledger_identity;
grant select on identity.holdings to flowledger_identity;
grant insert, select on identity.prefix_length to flowledger_identity;
grant insert, select on identity.restart to flowledger_identity;
grant insert, select, update on identity.source to flowledger_identity;
grant select on ledger.archive_version to flowledger_lookup;
grant insert, select, update on ledger.cursor to flowledger_collector;
grant insert, select on ledger.deterministic_map to flowledger_collector;
grant select on ledger.deterministic_map to flowledger_lookup;
grant insert on ledger.flow to flowledger_collector;
grant select on ledger.flow to flowledger_lookup;
grant select on ledger.flows to flowledger_lookup;
grant insert on ledger.gap to flowledger_collector;
grant select on ledger.gap to flowledger_lookup;
grant select on ledger.held to flowledger_lookup;
grant insert on ledger.nat_event to flowledger_collector;
grant select on ledger.nat_event to flowledger_lookup;
grant insert on ledger.port_block to flowledger_collector;
grant select on ledger.port_block to flowledger_lookup;
grant select on ledger.port_blocks to flowledger_lookup;
grant select on ledger.retention_edge to flowledger_lookup;
grant select on ledger.sealed_file to flowledger_lookup;
grant insert, select, update on ledger.source to flowledger_collector;
grant select on ledger.source to flowledger_lookup;
grant select on reports.applications_day to flowledger_lookup;
grant select on reports.applications_day to flowledger_reports;
grant select on reports.applications_hour to flowledger_lookup;
grant select on reports.applications_hour to flowledger_reports;
grant select on reports.applications_minute to flowledger_lookup;
grant select on reports.applications_minute to flowledger_reports;
grant select on reports.categories_day to flowledger_lookup;
grant select on reports.categories_day to flowledger_reports;
grant select on reports.categories_hour to flowledger_lookup;
grant select on reports.categories_hour to flowledger_reports;
grant select on reports.categories_minute to flowledger_lookup;
grant select on reports.categories_minute to flowledger_reports;
grant select on reports.egress_interfaces_day to flowledger_lookup;
grant select on reports.egress_interfaces_day to flowledger_reports;
grant select on reports.egress_interfaces_hour to flowledger_lookup;
grant select on reports.egress_interfaces_hour to flowledger_reports;
grant select on reports.egress_interfaces_minute to flowledger_lookup;
grant select on reports.egress_interfaces_minute to flowledger_reports;
grant select on reports.gauges_day to flowledger_lookup;
grant select on reports.gauges_day to flowledger_reports;
grant select on reports.gauges_hour to flowledger_lookup;
grant select on reports.gauges_hour to flowledger_reports;
grant select on reports.gauges_minute to flowledger_lookup;
grant select on reports.gauges_minute to flowledger_reports;
grant select on reports.ingress_interfaces_day to flowledger_lookup;
grant select on reports.ingress_interfaces_day to flowledger_reports;
grant select on reports.ingress_interfaces_hour to flowledger_lookup;
grant select on reports.ingress_interfaces_hour to flowledger_reports;
grant select on reports.ingress_interfaces_minute to flowledger_lookup;
grant select on reports.ingress_interfaces_minute to flowledger_reports;
grant select on reports.nat_events_day to flowledger_lookup;
grant select on reports.nat_events_day to flowledger_reports;
grant select on reports.nat_events_hour to flowledger_lookup;
grant select on reports.nat_events_hour to flowledger_reports;
grant select on reports.nat_events_minute to flowledger_lookup;
grant select on reports.nat_events_minute to flowledger_reports;
grant select on reports.nat_pool_day to flowledger_lookup;
grant select on reports.nat_pool_day to flowledger_reports;
grant select on reports.nat_pool_hour to flowledger_lookup;
grant select on reports.nat_pool_hour to flowledger_reports;
grant select on reports.nat_pool_minute to flowledger_lookup;
grant select on reports.nat_pool_minute to flowledger_reports;
grant select on reports.protocols_day to flowledger_lookup;
grant select on reports.protocols_day to flowledger_reports;
grant select on reports.protocols_hour to flowledger_lookup;
grant select on reports.protocols_hour to flowledger_reports;
grant select on reports.protocols_minute to flowledger_lookup;
grant select on reports.protocols_minute to flowledger_reports;
grant select on reports.traffic_day to flowledger_lookup;
grant select on reports.traffic_day to flowledger_reports;
grant select on reports.traffic_hour to flowledger_lookup;
grant select on reports.traffic_hour to flowledger_reports;
grant select on reports.traffic_minute to flowledger_lookup;
grant select on reports.traffic_minute to flowledger_reports;
grant select on reports.transports_day to flowledger_lookup;
grant select on reports.transports_day to flowledger_reports;
grant select on reports.transports_hour to flowledger_lookup;
grant select on reports.transports_hour to flowledger_reports;
grant select on reports.transports_minute to flowledger_lookup;
grant select on reports.transports_minute to flowledger_reports;
grant delete, insert, select, update on rollup.gauge_day to flowledger_collector;
grant select on rollup.gauge_day to flowledger_lookup;
grant delete, insert, select, update on rollup.gauge_hour to flowledger_collector;
grant select on rollup.gauge_hour to flowledger_lookup;
grant delete, insert, select, update on rollup.gauge_minute to flowledger_collector;
grant select on rollup.gauge_minute to flowledger_lookup;
grant delete, insert, select, update on rollup.pool_day to flowledger_collector;
grant select on rollup.pool_day to flowledger_lookup;
grant delete, insert, select, update on rollup.pool_hour to flowledger_collector;
grant select on rollup.pool_hour to flowledger_lookup;
grant delete, insert, select, update on rollup.pool_minute to flowledger_collector;
grant select on rollup.pool_minute to flowledger_lookup;
grant delete, insert, select, update on rollup.stale to flowledger_collector;
grant select on rollup.stale to flowledger_lookup;
grant delete, insert, select, update on rollup.traffic_day to flowledger_collector;
grant select on rollup.traffic_day to flowledger_lookup;
grant delete, insert, select, update on rollup.traffic_five_minutes to flowledger_collector;
grant select on rollup.traffic_five_minutes to flowledger_lookup;
grant delete, insert, select, update on rollup.traffic_hour to flowledger_collector;
grant select on rollup.traffic_hour to flowledger_lookup;
grant delete, insert, select, update on rollup.traffic_minute to flowledger_collector;
grant select on rollup.traffic_minute to flowledger_lookup;
grant usage on schema access to flowledger_audit;
grant usage on schema audit to flowledger_audit;
grant usage on schema directory to flowledger_directory;
grant usage on schema flowledger to flowledger_audit;
grant usage on schema flowledger to flowledger_collector;
grant usage on schema flowledger to flowledger_directory;
grant usage on schema flowledger to flowledger_identity;
grant usage on schema flowledger to flowledger_lookup;
grant usage on schema identity to flowledger_identity;
grant usage on schema ledger to flowledger_audit;
grant usage on schema ledger to flowledger_collector;
grant usage on schema ledger to flowledger_lookup;
grant usage on schema reports to flowledger_lookup;
grant usage on schema reports to flowledger_reports;
grant usage on schema rollup to flowledger_collector;
grant usage on schema rollup to flowledger_lookup;

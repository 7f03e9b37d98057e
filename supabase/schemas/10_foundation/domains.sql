-- Rules of single columns that several tables share.
--
-- Postgres parses the CHECKs of a table in every statement that writes to it, and those of a domain
-- once in a session. So a rule about one column of a busy table is a domain.

create domain jobforge.queue_name as text constraint queue_name_is_plain check (
  value ~ jobforge.name_pattern());
comment on domain jobforge.queue_name is
  'A small letter, then up to 62 small letters, digits or _ . -';

create domain jobforge.weight as real constraint weight_in_range check (
  value between 0.001 and 1000);
comment on domain jobforge.weight is 'A share relative to other weights.';

create domain jobforge.count as int constraint count_not_negative check (value >= 0);
comment on domain jobforge.count is 'A number of things.';

create domain jobforge.positive as int constraint number_is_positive check (value > 0);
comment on domain jobforge.positive is 'A number of at least one.';

create domain jobforge.period_ms as int constraint period_in_range check (
  value between 1 and 86400000);
comment on domain jobforge.period_ms is 'Milliseconds, up to a day.';

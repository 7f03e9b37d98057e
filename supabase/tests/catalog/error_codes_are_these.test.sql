begin;
select plan(1);

select bag_eq(
  'select code, sqlstate from jobforge.error_codes()',
  $$ values
    ('invalid_argument', 'PT400'),
    ('ticket_refused', 'PT401'),
    ('forbidden', '42501'),
    ('tenant_erased', 'PT403'),
    ('not_found', 'PT404'),
    ('wrong_state', 'PT409'),
    ('busy', 'PT409'),
    ('too_many_schedules', 'PT409'),
    ('runs_exhausted', 'PT409'),
    ('version_mismatch', 'PT409'),
    ('run_ended', 'PT410'),
    ('payload_too_large', 'PT413'),
    ('idempotency_mismatch', 'PT422'),
    ('queue_full', 'PT429'),
    ('extension_missing', 'PT501') $$,
  'as the documentation lists them');

select * from finish();
rollback;

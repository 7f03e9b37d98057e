begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue_each('again', 'stopped');
select tests.claim(2);
select jobforge_cancel_job(tests.id('stopped'), tests.tenant('acme'));
select tests.settle('again', 'timed_out');
select tests.settle('stopped', 'succeeded');
select jobforge.roll_up(jobforge.clock());
select row_eq('select succeeded, dead, canceled, retried from jobforge.type_totals',
  row(0::bigint, 0::bigint, 1::bigint, 1::bigint), 'while they were running');

select tests.freeze('2030-01-02');
select tests.start_run('other');
select tests.claim(1, 'other');
select tests.settle('again', 'succeeded');
select jobforge.roll_up(jobforge.clock());
select row_eq('select succeeded, retried, (select sum(n)::bigint from unnest(duration) as n)
    from jobforge.type_totals', row(1::bigint, 1::bigint, 3::bigint), 'each attempt counts');

select * from finish();
rollback;

begin;
select plan(1);

select jobforge_setup('https://abc.supabase.co', 7);
select jobforge_setup('https://abc.supabase.co');
select is((select max_runs from jobforge.settings), 7, 'as it was');

select * from finish();
rollback;

begin;
select plan(13);

select tests.bring('theirs', 'queued', 'globex');
select jobforge_set_secret(tests.tenant('globex'), 'hook', 'theirs');
select tests.as_member('acme');
select tests.refuses(call, 'forbidden')
from unnest(array[
  $$select jobforge_enqueue_job(tests.tenant('globex'), 'test.job')$$,
  $$select jobforge_enqueue_jobs(tests.tenant('globex'), '[{"type": "test.job"}]')$$,
  $$select jobforge_cancel_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_retry_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_reschedule_job(tests.id('theirs'), now(), tests.tenant('globex'))$$,
  $$select jobforge_explain_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_get_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_list_queues(tests.tenant('globex'))$$,
  $$select jobforge_set_secret(tests.tenant('globex'), 'hook', 'mine')$$,
  $$select jobforge_rotate_secret(tests.tenant('globex'), 'hook', 'mine')$$,
  $$select jobforge_revoke_secret(tests.tenant('globex'), 'hook')$$]) as call;
select is(tests.status('theirs'), 'queued', 'the job is as it was');
select tests.as_owner();
select is(decrypted_secret, 'theirs', 'and so is the secret')
from vault.decrypted_secrets where name in (select tests.vault_names());

select * from finish();
rollback;

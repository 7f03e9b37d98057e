begin;
select plan(4);

select is(jobforge.quote('max_runing'), '"max_runing"', 'a short value is as it came');
select is(jobforge.quote(repeat('x', 1000)), '"' || repeat('x', 37) || '..."', 'a long one is cut');
select is(jobforge.quote(E'a"b\r\nc'), '"a''b??c"', 'it cannot end its own quotation');
select is(jobforge.quote(null), '"nothing"', 'null has a word');

select * from finish();
rollback;

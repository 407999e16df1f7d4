{ A sale as a Delphi till takes it: floating-point exceptions on, events in pj_dispatch, the result acknowledged. }
program sale;

{$MODE DELPHI}

uses
  {$IFDEF UNIX}cthreads,{$ENDIF} SysUtils, Math, PosJunction;

{$I till.inc}

{$IF SizeOf(pj_result) <> 672}
  {$MESSAGE FATAL 'pj_result has another size than in C'}
{$IFEND}

const
  Cents = 1234;

var
  Till: Ppj_client;
  Request, Again: Ppj_request;
  State, Newest: pj_result;
  Waiting: Cardinal;

procedure OnEvent(event: Ppj_event; user: Pointer); cdecl;
begin
  if (event.struct_size <> SizeOf(pj_event)) or (event.result.struct_size <> SizeOf(pj_result)) then
    Fail('a record has another size than in the library');
  if user <> @State then
    Fail('user did not come back');
  if (event.request <> Request) and (Request <> nil) then
    Fail('two handles of one request differ');
  State := event.result^;
  WriteLn(string(pj_event_name(event.kind)), ' ', string(pj_state_name(State.state)), ': ', PAnsiChar(@State.message));
end;

procedure CheckDivisionRaises(const Moment: string);
var
  Zero, Quotient: Double;
begin
  Zero := 0;
  try
    Quotient := 1 / Zero;
    Fail(Moment + ': 1 / 0 is ' + FloatToStr(Quotient));
  except
    on EZeroDivide do;
  end;
end;

begin
  { What Delphi does at the start of every program. }
  SetExceptionMask([exDenormalized, exUnderflow, exPrecision]);
  CheckDivisionRaises('before');
  if pj_version shr 16 <> PJ_HEADER_VERSION shr 16 then
    Fail('the library has another version');

  Till := OpenTill;
  Check(pj_on_event(Till, OnEvent, @State, PJ_DELIVER_ON_DISPATCH));
  Request := Ask(Till, Cents, 'pascal-sale');
  repeat
    Check(pj_dispatch(Till, 1000, nil));
  until IsOver(State);
  CheckApproved(State, Cents);

  Check(pj_find(Till, 'pascal-sale', Again));
  if Again <> Request then
    Fail('pj_find gives another request');
  Check(pj_request_free(Again));
  Newest.struct_size := SizeOf(Newest);
  Check(pj_poll(Request, Newest));
  CheckApproved(Newest, Cents);
  Check(pj_acknowledge(Request));
  Check(pj_pending_count(Till, Waiting));
  if Waiting <> 0 then
    Fail('still pending');
  Check(pj_request_free(Request));
  Check(pj_client_close(Till, 5000));
  CheckDivisionRaises('after');
end.

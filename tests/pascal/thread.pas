{ Events on the library's own thread: IsMultiThread first, and no exception may leave the callback. }
program thread;

{$MODE DELPHI}

uses
  {$IFDEF UNIX}cthreads,{$ENDIF} SysUtils, PosJunction;

{$I till.inc}

const
  Cents = 3456;

var
  Till: Ppj_client;
  Request: Ppj_request;
  Told: pj_result;
  Caught, Finished: LongInt;
  MainThread: TThreadID;

procedure OnEvent(event: Ppj_event; user: Pointer); cdecl;
begin
  try
    if GetCurrentThreadId = MainThread then
      Fail('called on the main thread');
    if IsOver(event.result^) then
    begin
      Told := event.result^;
      InterlockedExchange(Finished, 1);
    end;
    raise Exception.Create('event ' + IntToStr(event.number));
  except
    InterlockedIncrement(Caught);
  end;
end;

procedure Wait;
var
  Tenths: Integer;
begin
  for Tenths := 1 to 600 do
  begin
    if InterlockedExchangeAdd(Finished, 0) <> 0 then
      Exit;
    Sleep(100);
  end;
  Fail('no result in a minute');
end;

begin
  IsMultiThread := True;
  MainThread := GetCurrentThreadId;
  Till := OpenTill;
  Check(pj_on_event(Till, OnEvent, nil, PJ_DELIVER_ON_THREAD));
  if pj_dispatch(Till, 0, nil) <> PJ_ERR_WRONG_STATE then
    Fail('pj_dispatch beside the library''s own thread');
  Request := Ask(Till, Cents, 'pascal-thread');
  Wait;
  Check(pj_acknowledge(Request));
  Check(pj_request_free(Request));
  Check(pj_client_close(Till, 5000));
  CheckApproved(Told, Cents);
  WriteLn(Caught, ' exceptions were caught where they arose');
end.

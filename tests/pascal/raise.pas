{ An exception that leaves a callback passes through pj_dispatch, and the next pj_dispatch tells the same event. }
program raises;

{$MODE DELPHI}

uses
  {$IFDEF UNIX}cthreads,{$ENDIF} SysUtils, PosJunction;

{$I till.inc}

const
  Cents = 2345;

type
  EDrawer = class(Exception);

var
  Till: Ppj_client;
  Request: Ppj_request;
  State: pj_result;
  Calls, Raised: Integer;
  RaisedAt: Cardinal;
  RaisedKind: Integer;

{ Raises at the first telling of every event. }
procedure OnEvent(event: Ppj_event; user: Pointer); cdecl;
var
  Text: string;
begin
  Inc(Calls);
  if (event.number <> RaisedAt) or (event.kind <> RaisedKind) then
  begin
    RaisedAt := event.number;
    RaisedKind := event.kind;
    Text := 'the drawer is stuck, ' + IntToStr(event.number);
    raise EDrawer.Create(Text);
  end;
  State := event.result^;
end;

procedure Dispatch;
begin
  try
    Check(pj_dispatch(Till, 1000, nil));
  except
    on E: EDrawer do
    begin
      Inc(Raised);
      if E.Message <> 'the drawer is stuck, ' + IntToStr(RaisedAt) then
        Fail('another exception arrived: ' + E.Message);
    end;
  end;
end;

begin
  Till := OpenTill;
  Check(pj_on_event(Till, OnEvent, nil, PJ_DELIVER_ON_DISPATCH));
  Request := Ask(Till, Cents, 'pascal-raise');
  repeat
    Dispatch;
  until IsOver(State);
  CheckApproved(State, Cents);
  WriteLn(Calls, ' calls, ', Raised, ' exceptions');
  if (Raised < 2) or (Calls < 2 * Raised - 1) then
    Fail('events were lost');
  Check(pj_acknowledge(Request));
  Check(pj_request_free(Request));
  Check(pj_client_close(Till, 5000));
end.

//! `cargo run -p posjunction-simulator`: the clouds on a port, for people.
#![forbid(unsafe_code)]

use posjunction_simulator::ebizcharge as ebc;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::server::{Options, Server};
use posjunction_simulator::webhooks::{Sender, Subscription};
use std::process::ExitCode;

const USAGE: &str = "\
posjunction-simulator [--port N] [--tls] [--touch] [--speed N] [--seed N]
  [--webhook http://HOST:PORT/PATH --webhook-secret SECRET [--webhook-twice] [--webhook-unordered]]";

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let server = match Server::try_start(options) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    greet(&server);
    loop {
        std::thread::park();
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { port: 8088, ..Options::default() };
    let mut webhook = Subscription::default();
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|v| v.parse::<u64>().ok()).ok_or(format!("{arg} needs a number"));
        match arg.as_str() {
            "--port" => options.port = u16::try_from(number()?).map_err(|_| "--port is too large".to_string())?,
            "--tls" => options.tls = true,
            "--touch" => {
                options.setup.terminals.iter_mut().for_each(|t| t.touch = true);
                options.ebizcharge.devices.iter_mut().for_each(|d| d.touch = true);
                options.justifi.terminals.iter_mut().for_each(|t| t.touch = true);
            }
            "--speed" => options.device_speed = number()?.max(1),
            "--seed" => {
                options.setup.seed = number()?;
                options.ebizcharge.seed = options.setup.seed;
                options.justifi.seed = options.setup.seed;
            }
            "--webhook" => webhook.url = args.next().ok_or("--webhook needs a URL")?,
            "--webhook-secret" => webhook.secret = args.next().ok_or("--webhook-secret needs a secret")?,
            "--webhook-twice" => webhook.duplicates = true,
            "--webhook-unordered" => webhook.unordered = true,
            other => return Err(format!("unknown argument {other}")),
        }
    }
    if webhook != Subscription::default() {
        if !webhook.url.starts_with("http://") {
            return Err("--webhook needs a URL that begins with http://".into());
        }
        let senders = [Sender::Payjunction, Sender::Ebizcharge, Sender::Justifi];
        options.webhooks = senders.map(|sender| (sender, webhook.clone())).to_vec();
    }
    Ok(options)
}

fn greet(server: &Server) {
    println!("PayJunction        {}", server.base_url());
    println!("the terminal       {}/", server.base_url());
    if let Some(path) = server.ca_file() {
        println!("certificate        {}", path.display());
    }
    println!("login              {}", pj::LOGIN);
    println!("password           {}", pj::PASSWORD);
    println!("application key    {}", pj::APPLICATION_KEY);
    println!("merchant terminal  {}", pj::MERCHANT_TERMINAL_ID);
    server.with(|cloud| {
        for terminal in cloud.terminals() {
            println!("smart terminal     {}  {}", terminal.id, terminal.nick_name);
        }
    });
    println!();
    println!("EBizCharge         {}/api/v2", server.base_url());
    println!("the terminal       {}/?ebizcharge", server.base_url());
    println!("API key            {}", ebc::API_KEY);
    println!("PIN                {}", ebc::PIN);
    println!("endpoint key       {}  with a larger budget than v2", ebc::ENDPOINT_KEY);
    server.with_ebizcharge(|cloud| {
        for device in cloud.devices() {
            println!("device             {}  {}", device.key, device.name);
        }
    });
    println!();
    println!("JustiFi            {}/v1 and {}/oauth/token", server.base_url(), server.base_url());
    println!("the terminal       {}/?justifi", server.base_url());
    println!("client id          {}", jf::CLIENT_ID);
    println!("client secret      {}", jf::CLIENT_SECRET);
    println!("sub account        {}", jf::SUB_ACCOUNT);
    server.with_justifi(|cloud| {
        for terminal in cloud.terminals() {
            println!("terminal           {}  {}", terminal.id, terminal.nickname);
        }
    });
    println!();
    println!("ready              until it is ended");
}

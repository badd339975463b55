//! What most likely runs in a container?
//!
//! A guess from the name of a public base image and from the program that is started. Company images named after their
//! service say nothing, and nothing is then guessed.

use facts::{Container, Language};

/// What runs in a container, as far as its image or command tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// A runtime that the operator has an agent for.
    Of(Language),
    /// One that it has none for.
    Other(&'static str),
}

impl Runtime {
    /// Its name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(Language::Java) => "Java",
            Self::Of(Language::NodeJs) => "Node.js",
            Self::Of(Language::Python) => "Python",
            Self::Of(Language::DotNet) => ".NET",
            Self::Of(Language::Go) => "Go",
            Self::Of(Language::ApacheHttpd) => "the Apache HTTP server",
            Self::Of(Language::Nginx) => "nginx",
            Self::Of(Language::Sdk) => "an SDK",
            Self::Other(name) => name,
        }
    }
}

/// Last parts of the names of public base images.
const IMAGES: [(&str, Runtime); 37] = [
    ("openjdk", Runtime::Of(Language::Java)),
    ("eclipse-temurin", Runtime::Of(Language::Java)),
    ("amazoncorretto", Runtime::Of(Language::Java)),
    ("ibm-semeru-runtimes", Runtime::Of(Language::Java)),
    ("sapmachine", Runtime::Of(Language::Java)),
    ("ibmjava", Runtime::Of(Language::Java)),
    ("tomcat", Runtime::Of(Language::Java)),
    ("jetty", Runtime::Of(Language::Java)),
    ("wildfly", Runtime::Of(Language::Java)),
    ("node", Runtime::Of(Language::NodeJs)),
    ("python", Runtime::Of(Language::Python)),
    ("pypy", Runtime::Of(Language::Python)),
    ("aspnet", Runtime::Of(Language::DotNet)),
    ("golang", Runtime::Of(Language::Go)),
    ("httpd", Runtime::Of(Language::ApacheHttpd)),
    ("nginx", Runtime::Of(Language::Nginx)),
    ("nginx-unprivileged", Runtime::Of(Language::Nginx)),
    ("php", Runtime::Other("PHP")),
    ("wordpress", Runtime::Other("PHP")),
    ("ruby", Runtime::Other("Ruby")),
    ("rust", Runtime::Other("Rust")),
    ("elixir", Runtime::Other("Elixir")),
    ("erlang", Runtime::Other("Erlang")),
    ("redis", Runtime::Other("Redis")),
    ("postgres", Runtime::Other("PostgreSQL")),
    ("mysql", Runtime::Other("MySQL")),
    ("memcached", Runtime::Other("memcached")),
    ("mariadb", Runtime::Other("MariaDB")),
    ("mongo", Runtime::Other("MongoDB")),
    ("rabbitmq", Runtime::Other("RabbitMQ")),
    ("proxyv2", Runtime::Other("Envoy")),
    ("envoy", Runtime::Other("Envoy")),
    ("haproxy", Runtime::Other("HAProxy")),
    ("traefik", Runtime::Other("Traefik")),
    ("opentelemetry-collector", Runtime::Other("the OpenTelemetry Collector")),
    ("opentelemetry-collector-contrib", Runtime::Other("the OpenTelemetry Collector")),
    ("opentelemetry-collector-k8s", Runtime::Other("the OpenTelemetry Collector")),
];

/// Programs, as they stand first in a command.
const PROGRAMS: [(&str, Runtime); 29] = [
    ("java", Runtime::Of(Language::Java)),
    ("catalina.sh", Runtime::Of(Language::Java)),
    ("node", Runtime::Of(Language::NodeJs)),
    ("npm", Runtime::Of(Language::NodeJs)),
    ("npx", Runtime::Of(Language::NodeJs)),
    ("yarn", Runtime::Of(Language::NodeJs)),
    ("pnpm", Runtime::Of(Language::NodeJs)),
    ("pm2-runtime", Runtime::Of(Language::NodeJs)),
    ("ts-node", Runtime::Of(Language::NodeJs)),
    ("python", Runtime::Of(Language::Python)),
    ("python2", Runtime::Of(Language::Python)),
    ("python3", Runtime::Of(Language::Python)),
    ("gunicorn", Runtime::Of(Language::Python)),
    ("uvicorn", Runtime::Of(Language::Python)),
    ("hypercorn", Runtime::Of(Language::Python)),
    ("uwsgi", Runtime::Of(Language::Python)),
    ("celery", Runtime::Of(Language::Python)),
    ("flask", Runtime::Of(Language::Python)),
    ("dotnet", Runtime::Of(Language::DotNet)),
    ("nginx", Runtime::Of(Language::Nginx)),
    ("httpd", Runtime::Of(Language::ApacheHttpd)),
    ("httpd-foreground", Runtime::Of(Language::ApacheHttpd)),
    ("php", Runtime::Other("PHP")),
    ("php-fpm", Runtime::Other("PHP")),
    ("ruby", Runtime::Other("Ruby")),
    ("bundle", Runtime::Other("Ruby")),
    ("rails", Runtime::Other("Ruby")),
    ("puma", Runtime::Other("Ruby")),
    ("redis-server", Runtime::Other("Redis")),
];

/// What runs in a container: by its command, else by its image. Where the two disagree nothing is guessed.
pub fn guess(container: &Container) -> Option<Runtime> {
    match (by_command(container), by_image(&container.image)) {
        (Some(program), Some(image)) if program != image => None,
        (program, image) => program.or(image),
    }
}

fn by_image(image: &str) -> Option<Runtime> {
    let path = image.split_once('@').map_or(image, |(path, _)| path);
    let (folders, last) = path.rsplit_once('/').unwrap_or(("", path));
    let name = last.split_once(':').map_or(last, |(name, _)| name);
    // .NET images are called after their part: mcr.microsoft.com/dotnet/runtime.
    if folders.ends_with("dotnet") && ["runtime", "sdk", "aspnet", "runtime-deps"].contains(&name) {
        return Some(Runtime::Of(Language::DotNet));
    }
    IMAGES.iter().find(|(known, _)| *known == name).map(|(_, runtime)| *runtime)
}

fn by_command(container: &Container) -> Option<Runtime> {
    let mut words = container.command.iter().chain(&container.args).map(|word| &**word);
    let first = program(words.next()?);
    if !["sh", "bash", "ash", "dash"].contains(&first) {
        return known_program(first);
    }
    // `sh -c "exec python app.py"`
    let script = words.find(|word| !word.starts_with('-'))?;
    let mut commands = script.split_whitespace().skip_while(|word| *word == "exec" || word.contains('='));
    known_program(program(commands.next()?))
}

fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn known_program(name: &str) -> Option<Runtime> {
    let python = name.strip_prefix("python3.").is_some_and(|minor| minor.bytes().all(|c| c.is_ascii_digit()));
    let name = if python { "python3" } else { name };
    PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, runtime)| *runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_images_and_plain_commands_tell() {
        let python = Some(Runtime::Of(Language::Python));
        for (image, command, want) in [
            ("python:3.12-slim", "", python),
            ("docker.io/library/python@sha256:abc", "", python),
            ("registry.example.com/shop/checkout:1.4.2", "", None),
            ("registry.example.com/shop/checkout:1.4.2", "/usr/bin/python3.11 app.py", python),
            ("registry.example.com:5000/base/python:3.12", "", python),
            ("mcr.microsoft.com/dotnet/runtime:8.0", "", Some(Runtime::Of(Language::DotNet))),
            ("example.com/runtime:1", "", None),
            ("docker.io/istio/proxyv2:1.24.0", "", Some(Runtime::Other("Envoy"))),
            ("node:20", "java -jar app.jar", None),
            ("shop/app", "sh -c exec|gunicorn|app", None),
        ] {
            let command = command.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect();
            let container = Container { image: image.into(), command, ..Container::default() };
            assert_eq!(guess(&container), want, "{image}");
        }
    }

    #[test]
    fn a_shell_is_looked_through() {
        let command = ["sh", "-c", "PORT=80 exec gunicorn app:app"].map(Into::into).into();
        let container = Container { image: "shop/app:1".into(), command, ..Container::default() };
        assert_eq!(guess(&container), Some(Runtime::Of(Language::Python)));
    }
}

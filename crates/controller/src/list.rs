//! What is in the cluster right now?
//!
//! One paged list of every kind, for a look at a cluster without watching it. A kind that may not be read is noted as such
//! and the rest goes on.

use std::sync::Arc;

use facts::{InputKind, Object, OptIn, Readability, Secret};
use futures::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use kube::api::ListParams;
use kube::{Api, Client};
use world::World;

use crate::sources::{Source, Visit, not_read, visit_all};
use crate::watched::{Unparsable, Unread, View};

/// Objects asked for in one answer.
const PAGE: u32 = 500;

/// What of the cluster is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Namespace to fall back to where a kind may not be listed in the whole cluster; the Namespace itself is asked for by its
    /// name then. Lists are of the whole cluster even so, because an operator, its webhook and collectors live in other
    /// namespaces than the workloads.
    pub fallback_namespace: Option<String>,
    /// The only kinds that are to be read; of the others nothing is known then. None: every kind that a diagnosis reads.
    pub kinds: Option<&'static [InputKind]>,
}

/// Takes what is read of a cluster.
pub trait Listing {
    /// An object.
    fn object(&mut self, object: Object);
    /// How well a kind is known, after all its objects.
    fn known(&mut self, kind: InputKind, readability: Readability);
    /// How well it is known in one namespace, where that differs; of Namespaces, whether the one of that name is known.
    fn known_in(&mut self, kind: InputKind, namespace: &Arc<str>, readability: Readability);
    /// Checks that are not made, and what they need.
    fn switched_off(&mut self, off: Vec<(OptIn, Arc<str>)>);
}

impl Listing for World {
    fn object(&mut self, object: Object) {
        self.apply(object);
    }

    fn known(&mut self, kind: InputKind, readability: Readability) {
        match readability {
            Readability::Complete => self.complete(kind),
            other => self.set_readability(kind, other),
        }
    }

    fn known_in(&mut self, kind: InputKind, namespace: &Arc<str>, readability: Readability) {
        self.set_readability_in(kind, namespace, readability);
    }

    fn switched_off(&mut self, off: Vec<(OptIn, Arc<str>)>) {
        self.set_switched_off(off);
    }
}

/// Why a cluster could not be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot list {}: {source}", kind.plural())]
pub struct ListError {
    /// Which kind.
    pub kind: InputKind,
    /// What happened: no connection, no answer in time, an error other than "may not" and "not served".
    pub source: kube::Error,
}

/// Lists every kind into `listing`, in the order of [`visit_all`]. `progress` is told after each page how many objects of a kind have arrived. Answers the
/// objects that did not parse; their kind is [`Readability::Partial`] then.
pub async fn list_into(
    listing: &mut impl Listing,
    client: &Client,
    scope: &Scope,
    mut progress: impl FnMut(InputKind, usize),
) -> Result<Vec<Unparsable>, ListError> {
    for kind in not_read() {
        listing.known(kind, Readability::Partial);
    }
    listing.switched_off(OptIn::ALL.map(|check| (check, check.needs().into())).into());
    let mut odd = Vec::new();
    for (source, pages) in visit_all(&Lister { client: client.clone() }) {
        let kind = source.input;
        if scope.kinds.is_some_and(|wanted| !wanted.contains(&kind)) {
            listing.known(kind, Readability::Partial);
            continue;
        }
        let mut take = |page: Page, count| {
            page.objects.into_iter().for_each(|object| listing.object(object));
            odd.extend(page.unparsable);
            progress(kind, count);
        };
        let everywhere = drain(pages(None), &mut take).await;
        let is_inside = source.namespaced || kind == InputKind::Namespaces;
        let namespace = scope.fallback_namespace.as_deref().filter(|_| is_inside);
        let (known, inside) = match (known(kind, everywhere)?, namespace) {
            (Readability::Unreadable { needs }, Some(namespace)) => {
                match known(kind, drain(pages(Some(namespace)), &mut take).await)? {
                    // Of other namespaces nothing is known.
                    Readability::Complete => (Readability::Partial, Some(namespace)),
                    Readability::NotServed => (Readability::NotServed, None),
                    _ => (Readability::Unreadable { needs }, None),
                }
            }
            (known, _) => (known, None),
        };
        let is_odd = odd.iter().any(|object: &Unparsable| object.input == kind);
        let whole = if is_odd { Readability::Partial } else { Readability::Complete };
        listing.known(kind, if known == Readability::Complete { whole.clone() } else { known });
        if let Some(namespace) = inside {
            listing.known_in(kind, &namespace.into(), whole);
        }
    }
    Ok(odd)
}

/// Reads Secrets, of which only the public certificates are kept: a private key is dropped as it is decoded. Answers those
/// that may not be read.
///
/// # Errors
/// [`ListError`] for any other trouble than that it may not be read or is not there.
pub async fn certificates_into(
    listing: &mut impl Listing,
    client: &Client,
    secrets: &[(Arc<str>, Arc<str>)],
) -> Result<Vec<(Arc<str>, Arc<str>)>, ListError> {
    let kind = InputKind::Secrets;
    let mut forbidden = Vec::new();
    for (namespace, name) in secrets {
        let api: Api<Unread> = Api::namespaced_with(client.clone(), namespace, &Unread::kind::<Secret>());
        match api.get_opt(name).await {
            Ok(Some(secret)) => {
                if let Ok(Some(secret)) = secret.into_object::<Secret>(kind) {
                    listing.object(secret);
                }
            }
            Ok(None) => {}
            Err(source) => {
                absence(&kind.needed_rule(), &source).ok_or(ListError { kind, source })?;
                forbidden.push((namespace.clone(), name.clone()));
            }
        }
    }
    Ok(forbidden)
}

/// Takes all pages in.
async fn drain(
    mut pages: BoxStream<'static, Result<Page, kube::Error>>,
    take: &mut impl FnMut(Page, usize),
) -> Result<(), kube::Error> {
    let mut count = 0;
    while let Some(page) = pages.try_next().await? {
        count += page.objects.len();
        take(page, count);
    }
    Ok(())
}

/// How well a kind is known after a list.
fn known(kind: InputKind, listed: Result<(), kube::Error>) -> Result<Readability, ListError> {
    match listed {
        Ok(()) => Ok(Readability::Complete),
        Err(source) => absence(&kind.needed_rule(), &source).ok_or(ListError { kind, source }),
    }
}

/// What an error of a list says about the kind that `rule` allows to read: it may not be read, or is not served. `None`: nothing.
pub(crate) fn absence(rule: &str, error: &kube::Error) -> Option<Readability> {
    let kube::Error::Api(status) = error else { return None };
    absence_by_code(rule, status.code)
}

/// The same, by the code of the answer.
pub(crate) fn absence_by_code(rule: &str, code: u16) -> Option<Readability> {
    match code {
        403 => Some(Readability::Unreadable { needs: rule.into() }),
        404 => Some(Readability::NotServed),
        _ => None,
    }
}

/// One answer of the API server.
struct Page {
    objects: Vec<Object>,
    unparsable: Vec<Unparsable>,
}

/// Starts a list, of one namespace or of all.
type Pages = Box<dyn Fn(Option<&str>) -> BoxStream<'static, Result<Page, kube::Error>> + Send + Sync>;

struct Lister {
    client: Client,
}

impl Visit for Lister {
    type Out = (Source, Pages);

    fn visit<V: View>(&self, source: &Source) -> Self::Out {
        let (client, source) = (self.client.clone(), source.clone());
        let listed = source.clone();
        let pages = move |namespace: Option<&str>| {
            // Tolerant for every kind: one list in a lifetime need not be fast, and one odd object must not end it.
            let (kind, read) = (Unread::kind::<V>(), Unread::into_object::<V>);
            let api: Api<Unread> = match namespace.filter(|_| source.namespaced) {
                Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind),
                None => Api::all_with(client.clone(), &kind),
            };
            match namespace.filter(|_| !source.namespaced) {
                Some(name) => stream::once(named(api, name.to_owned(), source.input, read)).boxed(),
                None => pages_of(api, source.clone(), read).boxed(),
            }
        };
        (listed, Box::new(pages))
    }
}

/// Reads an object as the view of its kind.
type Read = fn(Unread, InputKind) -> Result<Option<Object>, Box<Unparsable>>;

/// The only object of that name: a Role in a namespace allows to get the Namespace itself, but not to list it.
async fn named(api: Api<Unread>, name: String, input: InputKind, read: Read) -> Result<Page, kube::Error> {
    Ok(page(input, api.get_opt(&name).await?.into_iter().collect(), read))
}

fn pages_of(
    api: Api<Unread>,
    source: Source,
    read: Read,
) -> impl Stream<Item = Result<Page, kube::Error>> + Send {
    stream::try_unfold(Some(String::new()), move |token| {
        let (api, source) = (api.clone(), source.clone());
        async move {
            let Some(token) = token else { return Ok(None) };
            let mut params = ListParams::default().limit(PAGE);
            params.field_selector = source.field_selector.map(str::to_owned);
            params.continue_token = Some(token).filter(|token| !token.is_empty());
            let list = api.list(&params).await?;
            let next = list.metadata.continue_.filter(|token| !token.is_empty());
            Ok(Some((page(source.input, list.items, read), next)))
        }
    })
}

fn page(input: InputKind, items: Vec<Unread>, read: Read) -> Page {
    let mut page = Page { objects: Vec::with_capacity(items.len()), unparsable: Vec::new() };
    for item in items {
        match read(item, input) {
            Ok(object) => page.objects.extend(object),
            Err(odd) => page.unparsable.push(*odd),
        }
    }
    page
}

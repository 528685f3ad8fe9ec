//! From one line per method to the three forms of a port.

/// The type that an argument has at the owner's side, where nobody lends it.
macro_rules! owned {
    (& $kind:ty) => { <$kind as ToOwned>::Owned };
    (Option<& $kind:ty>) => { Option<<$kind as ToOwned>::Owned> };
    ($kind:ty) => { $kind };
}

/// … and from there to what the method takes.
macro_rules! lent {
    ($argument:ident, & $kind:ty) => {
        std::borrow::Borrow::<$kind>::borrow(&$argument)
    };
    ($argument:ident, Option<& $kind:ty>) => {
        $argument.as_deref()
    };
    ($argument:ident, $kind:ty) => {
        $argument
    };
}

/// A port's methods: `Kind method(argument: [type], …) -> (answer, refusal) for callers;`.
macro_rules! port {
    ($port:ident $name:literal of $owner:ident {
        $($kind:ident $method:ident($($argument:ident: [$($kind_of:tt)+]),*) -> ($answer:ty, $refusal:ty) for $($caller:ident)+;)+
    }) => {
        #[async_trait]
        impl $port for Remote<dyn $port> {
            $(async fn $method(&self, $($argument: $($kind_of)+),*) -> Result<$answer, $refusal> {
                let mut arguments = Arguments::default();
                // A method may take nothing.
                let _ = &mut arguments;
                $(arguments.add(stringify!($argument), &$argument)?;)*
                let path = concat!("/internal/", $name, "/", stringify!($method));
                self.caller.call(Kind::$kind, path, arguments).await?
            })+
        }

        #[async_trait]
        impl $port for Late<dyn $port> {
            $(async fn $method(&self, $($argument: $($kind_of)+),*) -> Result<$answer, $refusal> {
                self.port()?.$method($($argument),*).await
            })+
        }

        impl Served for dyn $port {
            fn methods(port: Arc<Self>) -> Vec<Method> {
                vec![$({
                    let port = Arc::clone(&port);
                    Method {
                        name: concat!($name, ".", stringify!($method)),
                        path: concat!("/internal/", $name, "/", stringify!($method)),
                        owner: Role::$owner,
                        callers: &[$(Role::$caller),+],
                        run: Arc::new(move |mut given: Given| {
                            let port = Arc::clone(&port);
                            let _ = &mut given;
                            Box::pin(async move {
                                $(let $argument: owned!($($kind_of)+) = given.take(stringify!($argument))?;)*
                                reply(port.$method($(lent!($argument, $($kind_of)+)),*).await)
                            })
                        }),
                    }
                }),+]
            }
        }
    };
}

pub(crate) use {lent, owned, port};

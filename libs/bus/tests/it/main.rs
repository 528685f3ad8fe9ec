//! Consumers on a real file, behind a source that delivers late and twice and behind a real
//! broker; the relay that feeds the broker; and what happens when either is killed.

mod followed;
mod kafka;
mod parking;
mod relay;
mod replay;
mod topics;

/// Runs a contract of the bus on both of its adapters.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::followed::followed().await).await;
            })+
        }
        mod on_kafka {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::kafka::followed(stringify!($test)).await).await;
            })+
        }
    };
}
pub(crate) use on_both;

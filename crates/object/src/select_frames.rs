//! Events as frames of the stream.

use bytes::Bytes;
use virga_api::s3 as api;
use virga_model::view::Structure as _;
use virga_model::{ApiError, Protocol};
use virga_select::{Event, Statistics};
use virga_wire::event_stream::{encode_error, encode_event};

/// An event as a frame.
pub fn of_event(event: &Event) -> Option<Bytes> {
    let stream = api::SelectObjectContentEventStream::new();
    let stream = match event {
        Event::Records(records) => {
            stream.with_records(api::RecordsEvent::new().with_payload(records.clone()))
        }
        Event::Progress(statistics) => {
            let counts = counts(statistics);
            let details = api::Progress::new()
                .with_bytes_scanned(counts[0])
                .with_bytes_processed(counts[1])
                .with_bytes_returned(counts[2]);
            stream.with_progress(api::ProgressEvent::new().with_details(details))
        }
        Event::Stats(statistics) => {
            let counts = counts(statistics);
            let details = api::Stats::new()
                .with_bytes_scanned(counts[0])
                .with_bytes_processed(counts[1])
                .with_bytes_returned(counts[2]);
            stream.with_stats(api::StatsEvent::new().with_details(details))
        }
        Event::Continuation => stream.with_cont(api::ContinuationEvent::new()),
        Event::End => stream.with_end(api::EndEvent::new()),
    };
    encode_event(Protocol::RestXml, stream.as_record()).ok()?.encode().ok()
}

fn counts(statistics: &Statistics) -> [i64; 3] {
    [statistics.scanned, statistics.processed, statistics.returned]
        .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// An error that ends the stream.
pub fn of_error(error: &ApiError) -> Bytes {
    encode_error(error).encode().unwrap_or_default()
}

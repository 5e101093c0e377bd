//! What a contender has written, as figures that must be equal.
//!
//! Takes a folder with the two Parquet files, gives counts and sums of every column that was computed.

use std::path::Path;

use anyhow::{Context, Result};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::{ParquetReadOptions, SessionContext};

/// Counts and sums by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Figures(Vec<(String, String)>);

const DEPARTURES: &str = "SELECT count(*) AS departures, count(airline) AS airlines, sum(CAST(scheduled_at AS BIGINT) / 1000000) AS scheduled,
    sum(CAST(departed_at AS BIGINT) / 1000000) AS departed, count(*) FILTER (WHERE status = 'diverted') AS diverted,
    sum(dep_delay) AS dep_delay, sum(arr_delay) AS arr_delay, sum(distance) AS distance, count(manufacturer) AS manufacturers,
    sum(built) AS built, sum(seats) AS seats, CAST(sum(temp) * 100 + 0.5 AS BIGINT) AS temp,
    CAST(sum(wind_speed) + 0.5 AS BIGINT) AS wind_speed, CAST(sum(precip) * 100 + 0.5 AS BIGINT) AS precip,
    CAST(sum(visib) * 100 + 0.5 AS BIGINT) AS visib FROM departures";

const CARRIER_HOURS: &str = "SELECT count(*) AS hours, sum(CAST(window_start AS BIGINT) / 1000000) AS starts, sum(planned) AS planned,
    sum(cancelled) AS cancelled, sum(late) AS late, sum(worst_delay) AS worst_delay, sum(seats) AS hour_seats,
    CAST(sum(worst_visib) * 100 + 0.5 AS BIGINT) AS worst_visib FROM hours";

/// Reads the files.
pub(crate) fn figures(folder: &Path) -> Result<Figures> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let context = SessionContext::new();
        for (name, file) in [("departures", "departures.parquet"), ("hours", "carrier-hours.parquet")] {
            let path = folder.join(file).to_string_lossy().into_owned();
            context.register_parquet(name, path, ParquetReadOptions::default()).await?;
        }
        let mut figures = Vec::new();
        for sql in [DEPARTURES, CARRIER_HOURS] {
            let batches = context.sql(sql).await?.collect().await?;
            let batch = batches.first().context("counts and sums are one row")?;
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                let text = ArrayFormatter::try_new(column, &FormatOptions::default())?.value(0).to_string();
                figures.push((field.name().clone(), text));
            }
        }
        Ok(Figures(figures))
    })
}

impl Figures {
    /// How much it is, in words.
    pub(crate) fn summary(&self) -> String {
        let figure = |name: &str| {
            self.0.iter().find(|(found, _)| found == name).map_or("no", |(_, figure)| figure.as_str())
        };
        format!("{} departures and {} hours of carriers written", figure("departures"), figure("hours"))
    }
}

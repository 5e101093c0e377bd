//! The contender DataFusion: what the example `flights` means, written by hand for the same version of the library.
//!
//! Takes the folder of the files and the folder for what is written. It is written to be fast, with what is known of these files:
//! types are stated, rows that several outputs need are kept in memory, and as all flights leave in whole hours,
//! the weather at the time is found by hour rather than by a search.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::prelude::{CsvReadOptions, DataFrame, SessionConfig, SessionContext};

use crate::THREADS;

const FLIGHTS: &str = "year:i month:i day:i dep_time:s sched_dep_time:i dep_delay:s arr_time:s sched_arr_time:i arr_delay:s \
    carrier:s flight:i tailnum:s origin:s dest:s air_time:s distance:i hour:i minute:i time_hour:t";
const WEATHER: &str = "origin:s year:i month:i day:i hour:i temp:s dewp:s humid:s wind_dir:s wind_speed:s wind_gust:s precip:f \
    pressure:s visib:f time_hour:t";
const PLANES: &str = "tailnum:s year:s type:s manufacturer:s model:s engines:i seats:i speed:s engine:s";
const AIRLINES: &str = "carrier:s name:s";

/// This version's reader of CSV knows no spelling of null, so columns that hold `NA` are read as text and typed here.
const TYPED: [(&str, &str); 3] = [
    (
        "flights",
        "SELECT year, month, day, CAST(NULLIF(dep_time, 'NA') AS INT) AS dep_time, sched_dep_time,
            CAST(NULLIF(dep_delay, 'NA') AS INT) AS dep_delay, CAST(NULLIF(arr_time, 'NA') AS INT) AS arr_time, sched_arr_time,
            CAST(NULLIF(arr_delay, 'NA') AS INT) AS arr_delay, carrier, flight, NULLIF(tailnum, 'NA') AS tailnum, origin, dest,
            CAST(NULLIF(air_time, 'NA') AS INT) AS air_time, distance, hour, minute, time_hour FROM flights_text",
    ),
    (
        "weather",
        "SELECT origin, year, month, day, hour, CAST(NULLIF(temp, 'NA') AS DOUBLE) AS temp,
            CAST(NULLIF(dewp, 'NA') AS DOUBLE) AS dewp, CAST(NULLIF(humid, 'NA') AS DOUBLE) AS humid,
            CAST(NULLIF(wind_dir, 'NA') AS INT) AS wind_dir, CAST(NULLIF(wind_speed, 'NA') AS DOUBLE) AS wind_speed,
            CAST(NULLIF(wind_gust, 'NA') AS DOUBLE) AS wind_gust, precip, CAST(NULLIF(pressure, 'NA') AS DOUBLE) AS pressure,
            visib, time_hour FROM weather_text",
    ),
    (
        "planes",
        "SELECT tailnum, CAST(NULLIF(year, 'NA') AS INT) AS year, type, manufacturer, model, engines, seats,
            CAST(NULLIF(speed, 'NA') AS INT) AS speed, engine FROM planes_text",
    ),
];

/// Each row with the rule that it breaks, and whether it is to be warned of.
const CHECKED: &str = "SELECT *,
    CASE WHEN year IS NULL OR month IS NULL OR day IS NULL OR sched_dep_time IS NULL OR sched_arr_time IS NULL
           OR carrier IS NULL OR flight IS NULL OR origin IS NULL OR dest IS NULL OR distance IS NULL
           OR hour IS NULL OR minute IS NULL OR time_hour IS NULL THEN 'required'
         WHEN month NOT BETWEEN 1 AND 12 THEN 'month'
         WHEN day NOT BETWEEN 1 AND 31 THEN 'day'
         WHEN tailnum NOT LIKE 'N%' THEN 'tailnum'
         WHEN origin NOT IN ('EWR', 'JFK', 'LGA') THEN 'origin'
         WHEN air_time <= 0 THEN 'air_time'
         WHEN distance < 50 THEN 'distance'
         WHEN dep_time IS NOT NULL AND arr_time IS NULL THEN 'arrival-known'
         WHEN (dep_time IS NULL) <> (dep_delay IS NULL) THEN 'departure-delay-known'
    END AS broken,
    air_time IS NOT NULL AND CAST(distance AS BIGINT) * 60 > CAST(air_time AS BIGINT) * 620 AS warned
    FROM flights";

const WEATHER_BROKEN: &str = "origin IS NULL OR year IS NULL OR month IS NULL OR day IS NULL OR hour IS NULL OR temp IS NULL
    OR precip IS NULL OR visib IS NULL OR time_hour IS NULL OR COALESCE(origin NOT IN ('EWR', 'JFK', 'LGA'), false)
    OR COALESCE(humid NOT BETWEEN 0 AND 100, false) OR COALESCE(wind_dir NOT BETWEEN 0 AND 360, false)
    OR COALESCE(wind_speed >= 250, false) OR COALESCE(wind_gust >= 250, false)";

const PLANES_BROKEN: &str =
    "tailnum IS NULL OR type IS NULL OR manufacturer IS NULL OR model IS NULL OR engines IS NULL
    OR seats IS NULL OR engine IS NULL OR COALESCE(year < 1900, false) OR COALESCE(engines <= 0, false)
    OR COALESCE(seats <= 0, false)";

/// An observation for each hour in which it is the last.
const HOURS: &str =
    "SELECT origin, unnest(range(hour, COALESCE(next, hour + 8784))) AS hour, temp, wind_speed, precip, visib
    FROM (SELECT *, LEAD(hour) OVER (PARTITION BY origin ORDER BY hour) AS next
          FROM (SELECT origin, CAST(time_hour AS BIGINT) / 3600000000 AS hour, temp, wind_speed, precip, visib
                FROM good_weather))";

const DEPARTURES: &str = "SELECT f.carrier, a.name AS airline, f.flight, f.origin, f.dest, f.time_hour,
    arrow_cast(CAST(f.time_hour AS BIGINT) + CAST(f.minute AS BIGINT) * 60000000, 'Timestamp(Microsecond, Some(\"UTC\"))')
        AS scheduled_at,
    arrow_cast(CAST(f.time_hour AS BIGINT) + CAST(f.minute + f.dep_delay AS BIGINT) * 60000000,
        'Timestamp(Microsecond, Some(\"UTC\"))') AS departed_at,
    CASE WHEN f.dep_time IS NULL THEN 'cancelled' WHEN f.air_time IS NULL THEN 'diverted' ELSE 'flown' END AS status,
    f.dep_delay, f.arr_delay, f.air_time, f.distance, f.tailnum, p.manufacturer, p.year AS built, p.seats,
    w.temp, w.wind_speed, w.precip, w.visib
    FROM checked AS f
    LEFT JOIN airlines AS a ON f.carrier = a.carrier
    LEFT JOIN good_planes AS p ON f.tailnum = p.tailnum
    LEFT JOIN hours AS w ON f.origin = w.origin AND CAST(f.time_hour AS BIGINT) / 3600000000 = w.hour
    WHERE f.broken IS NULL";

const CARRIER_HOURS: &str = "SELECT
    arrow_cast(hour * 3600000000, 'Timestamp(Microsecond, Some(\"UTC\"))') AS window_start,
    arrow_cast(hour * 3600000000 + 3600000000, 'Timestamp(Microsecond, Some(\"UTC\"))') AS window_end,
    arrow_cast(hour * 3600000000 + 3599999000, 'Timestamp(Microsecond, Some(\"UTC\"))') AS window_time,
    carrier, planned, cancelled, late, worst_delay, seats, worst_visib
    FROM (SELECT CAST(time_hour AS BIGINT) / 3600000000 AS hour, carrier, count(*) AS planned,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled, count(*) FILTER (WHERE dep_delay > 15) AS late,
            max(dep_delay) AS worst_delay, sum(seats) AS seats, min(visib) AS worst_visib
          FROM departures GROUP BY CAST(time_hour AS BIGINT) / 3600000000, carrier)";

/// Reads, checks, joins, aggregates, writes.
pub(crate) fn run(from: &Path, to: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(compute(from, to))
}

async fn compute(from: &Path, to: &Path) -> Result<()> {
    let mut config = SessionConfig::new().with_target_partitions(THREADS);
    config.options_mut().execution.parquet.compression = Some("zstd(1)".to_owned());
    let context = SessionContext::new_with_config(config);
    let files = [
        ("flights_text", "flights", FLIGHTS),
        ("weather_text", "weather", WEATHER),
        ("planes_text", "planes", PLANES),
        ("airlines", "airlines", AIRLINES),
    ];
    for (name, file, columns) in files {
        let schema = schema(columns);
        let options = CsvReadOptions::new().schema(&schema);
        context.register_csv(name, path(from, &format!("{file}.csv")), options).await?;
    }
    for (name, sql) in TYPED {
        context.register_table(name, context.sql(sql).await?.into_view())?;
    }
    keep(&context, "checked", CHECKED).await?;
    let good = |table: &str, broken: &str| format!("SELECT * FROM {table} WHERE NOT ({broken})");
    keep(&context, "good_weather", &good("weather", WEATHER_BROKEN)).await?;
    keep(&context, "good_planes", &good("planes", PLANES_BROKEN)).await?;
    keep(&context, "hours", HOURS).await?;
    keep(&context, "departures", DEPARTURES).await?;

    let departures = context.table("departures").await?;
    let hours = context.sql(CARRIER_HOURS).await?;
    tokio::try_join!(
        parquet(departures, path(to, "departures.parquet")),
        parquet(hours, path(to, "carrier-hours.parquet")),
    )?;
    let broken = [
        "SELECT * FROM checked WHERE broken IS NOT NULL".to_owned(),
        format!("SELECT * FROM weather WHERE {WEATHER_BROKEN}"),
        format!("SELECT * FROM planes WHERE {PLANES_BROKEN}"),
    ];
    for (place, sql) in broken.iter().enumerate() {
        let one = DataFrameWriteOptions::new().with_single_file_output(true);
        let letters = path(to, &format!("dead-letters-{place}.json"));
        context.sql(sql).await?.write_json(&letters, one, None).await?;
    }
    let counts = "SELECT broken, count(*), count(*) FILTER (WHERE warned) FROM checked GROUP BY broken";
    context.sql(counts).await?.collect().await?;
    Ok(())
}

/// Computes a query and keeps its rows in memory as a table.
async fn keep(context: &SessionContext, name: &str, sql: &str) -> Result<()> {
    let rows = context.sql(sql).await?.cache().await?;
    context.register_table(name, rows.into_view())?;
    Ok(())
}

async fn parquet(rows: DataFrame, path: String) -> Result<()> {
    let one = DataFrameWriteOptions::new().with_single_file_output(true);
    rows.write_parquet(&path, one, None).await?;
    Ok(())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

/// A schema out of names with a letter for the type.
fn schema(columns: &str) -> Schema {
    let field = |column: &str| {
        let (name, data_type) = column.split_once(':').unwrap_or((column, "s"));
        let data_type = match data_type {
            "i" => DataType::Int32,
            "f" => DataType::Float64,
            "t" => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            _ => DataType::Utf8,
        };
        Field::new(name, data_type, true)
    };
    Schema::new(columns.split_whitespace().map(field).collect::<Vec<_>>())
}

"""The contender DuckDB: what the example `flights` means, in its SQL.

Takes the number of threads, the folder of the files and the folder for what is written; prints seconds and the most memory.
"""

import resource
import sys
import time

started = time.perf_counter()
import duckdb

threads, source, target = sys.argv[1:]

FLIGHTS = {name: "INTEGER" for name in (
    "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay carrier flight tailnum origin dest"
    " air_time distance hour minute time_hour").split()}
FLIGHTS |= {name: "VARCHAR" for name in ["carrier", "tailnum", "origin", "dest"]} | {"time_hour": "TIMESTAMP"}
WEATHER = {name: "DOUBLE" for name in (
    "origin year month day hour temp dewp humid wind_dir wind_speed wind_gust precip pressure visib time_hour").split()}
WEATHER |= {name: "INTEGER" for name in ["year", "month", "day", "hour", "wind_dir"]}
WEATHER |= {"origin": "VARCHAR", "time_hour": "TIMESTAMP"}
PLANES = {name: "VARCHAR" for name in "tailnum year type manufacturer model engines seats speed engine".split()}
PLANES |= {name: "INTEGER" for name in ["year", "engines", "seats", "speed"]}
AIRLINES = {"carrier": "VARCHAR", "name": "VARCHAR"}

connection = duckdb.connect()
connection.execute(f"SET threads = {threads}; SET preserve_insertion_order = false")


def csv(name, columns):
    return f"read_csv('{source}/{name}.csv', header = true, nullstr = 'NA', columns = {columns})"


BROKEN_WEATHER = """origin IS NULL OR year IS NULL OR month IS NULL OR day IS NULL OR hour IS NULL OR temp IS NULL
    OR precip IS NULL OR visib IS NULL OR time_hour IS NULL OR coalesce(origin NOT IN ('EWR', 'JFK', 'LGA'), false)
    OR coalesce(humid NOT BETWEEN 0 AND 100, false) OR coalesce(wind_dir NOT BETWEEN 0 AND 360, false)
    OR coalesce(wind_speed >= 250, false) OR coalesce(wind_gust >= 250, false)"""
BROKEN_PLANES = """tailnum IS NULL OR type IS NULL OR manufacturer IS NULL OR model IS NULL OR engines IS NULL
    OR seats IS NULL OR engine IS NULL OR coalesce(year < 1900, false) OR coalesce(engines <= 0, false)
    OR coalesce(seats <= 0, false)"""

connection.execute(f"""
CREATE TEMP TABLE checked AS SELECT *,
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
    air_time IS NOT NULL AND distance * 60 > air_time * 620 AS warned
    FROM {csv("flights", FLIGHTS)};
CREATE TEMP TABLE weather AS FROM {csv("weather", WEATHER)};
CREATE TEMP TABLE planes AS FROM {csv("planes", PLANES)};
CREATE TEMP TABLE departures AS
SELECT f.carrier, a.name AS airline, f.flight, f.origin, f.dest, f.time_hour,
    f.time_hour + to_minutes(f.minute) AS scheduled_at, f.time_hour + to_minutes(f.minute + f.dep_delay) AS departed_at,
    CASE WHEN f.dep_time IS NULL THEN 'cancelled' WHEN f.air_time IS NULL THEN 'diverted' ELSE 'flown' END AS status,
    f.dep_delay, f.arr_delay, f.air_time, f.distance, f.tailnum, p.manufacturer, p.year AS built, p.seats,
    w.temp, w.wind_speed, w.precip, w.visib
FROM checked AS f
LEFT JOIN {csv("airlines", AIRLINES)} AS a ON f.carrier = a.carrier
LEFT JOIN (FROM planes WHERE NOT ({BROKEN_PLANES})) AS p ON f.tailnum = p.tailnum
ASOF LEFT JOIN (FROM weather WHERE NOT ({BROKEN_WEATHER})) AS w ON f.origin = w.origin AND f.time_hour >= w.time_hour
WHERE f.broken IS NULL;
COPY departures TO '{target}/departures.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
COPY (SELECT date_trunc('hour', time_hour) AS window_start, window_start + INTERVAL 1 HOUR AS window_end,
        window_end - INTERVAL 1 MILLISECOND AS window_time, carrier, count(*) AS planned,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled, count(*) FILTER (WHERE dep_delay > 15) AS late,
        max(dep_delay) AS worst_delay, sum(seats)::BIGINT AS seats, min(visib) AS worst_visib
      FROM departures GROUP BY ALL)
    TO '{target}/carrier-hours.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
COPY (FROM checked WHERE broken IS NOT NULL) TO '{target}/dead-letters-0.json';
COPY (FROM weather WHERE {BROKEN_WEATHER}) TO '{target}/dead-letters-1.json';
COPY (FROM planes WHERE {BROKEN_PLANES}) TO '{target}/dead-letters-2.json';
""")
connection.execute("SELECT broken, count(*), count(*) FILTER (WHERE warned) FROM checked GROUP BY broken").fetchall()
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)

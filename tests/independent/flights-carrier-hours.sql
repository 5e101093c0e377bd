-- The table `carrier-hours` of examples/flights from `departures`, in the SQL of DuckDB.
WITH departures AS (
{departures}
)
SELECT time_hour AS window_start, time_hour + INTERVAL 1 HOUR AS window_end,
       time_hour + INTERVAL 1 HOUR - INTERVAL 1 MILLISECOND AS window_time, carrier,
       count(*) AS planned,
       count(*) FILTER (status = 'cancelled') AS cancelled,
       count(*) FILTER (dep_delay > 15) AS late,
       max(dep_delay) AS worst_delay,
       sum(seats) AS seats,
       min(visib) AS worst_visib
FROM departures
GROUP BY time_hour, carrier

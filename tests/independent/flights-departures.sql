-- The table `departures` of examples/flights from the raw files, in the SQL of DuckDB.
WITH flight AS (
  SELECT * FROM read_csv('{data}/flights.csv', header = true, nullstr = 'NA', types = {
    'year': 'INTEGER', 'month': 'INTEGER', 'day': 'INTEGER', 'dep_time': 'INTEGER', 'sched_dep_time': 'INTEGER',
    'dep_delay': 'INTEGER', 'arr_time': 'INTEGER', 'sched_arr_time': 'INTEGER', 'arr_delay': 'INTEGER',
    'carrier': 'VARCHAR', 'flight': 'INTEGER', 'tailnum': 'VARCHAR', 'origin': 'VARCHAR', 'dest': 'VARCHAR',
    'air_time': 'INTEGER', 'distance': 'INTEGER', 'hour': 'INTEGER', 'minute': 'INTEGER', 'time_hour': 'TIMESTAMPTZ'})
  -- What left and is nowhere, tail numbers that are none, and the flight of 17 miles are rejected.
  WHERE NOT (dep_time IS NOT NULL AND arr_time IS NULL)
    AND (tailnum IS NULL OR starts_with(tailnum, 'N'))
    AND distance >= 50
), weather AS (
  SELECT * FROM read_csv('{data}/weather.csv', header = true, nullstr = 'NA', types = {
    'origin': 'VARCHAR', 'temp': 'DOUBLE', 'wind_speed': 'DOUBLE', 'wind_gust': 'DOUBLE', 'precip': 'DOUBLE',
    'visib': 'DOUBLE', 'time_hour': 'TIMESTAMPTZ'})
  WHERE temp IS NOT NULL AND (wind_speed IS NULL OR wind_speed < 250)
), airline AS (
  SELECT * FROM read_csv('{data}/airlines.csv', header = true, all_varchar = true)
), plane AS (
  SELECT * FROM read_csv('{data}/planes.csv', header = true, nullstr = 'NA', types = {
    'tailnum': 'VARCHAR', 'year': 'INTEGER', 'manufacturer': 'VARCHAR', 'seats': 'INTEGER'})
)
SELECT f.carrier, a.name AS airline, f.flight, f.origin, f.dest, f.time_hour,
       f.time_hour + to_minutes(f.minute) AS scheduled_at,
       f.time_hour + to_minutes(f.minute + f.dep_delay) AS departed_at,
       CASE WHEN f.dep_time IS NULL THEN 'cancelled' WHEN f.air_time IS NULL THEN 'diverted' ELSE 'flown' END AS status,
       f.dep_delay, f.arr_delay, f.air_time, f.distance, f.tailnum, p.manufacturer, p.year AS built, p.seats,
       w.temp, w.wind_speed, w.precip, w.visib
FROM flight AS f
LEFT JOIN airline AS a USING (carrier)
LEFT JOIN plane AS p ON p.tailnum = f.tailnum
ASOF LEFT JOIN weather AS w ON w.origin = f.origin AND w.time_hour <= f.time_hour

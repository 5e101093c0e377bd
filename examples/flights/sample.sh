#!/bin/sh
# Makes `data/` anew from the whole year: three days around the snowstorm of February 2013,
# with the weather of these days and the aeroplanes and airports that their flights name.
# The lines are those of the original files, unchanged.
set -eu
cd "$(dirname "$0")"
year=$(./fetch.sh)

awk -F, 'NR == 1 || ($2 == 2 && ($3 == 9 || $3 == 11 || $3 == 12))' "$year/flights.csv" > data/flights.csv
awk -F, 'NR == 1 || ($3 == 2 && $4 >= 9 && $4 <= 12)' "$year/weather.csv" > data/weather.csv
awk -F, 'NR == FNR { seen[$12]; next } FNR == 1 || $1 in seen' data/flights.csv "$year/planes.csv" > data/planes.csv
awk -F, 'NR == FNR { seen[$13]; seen[$14]; next } FNR == 1 || $1 in seen' data/flights.csv "$year/airports.csv" \
    > data/airports.csv
cp "$year/airlines.csv" data/airlines.csv

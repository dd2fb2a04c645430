import { textOf, type Tool } from "./tool.ts";

interface Climate {
  names: string[];
  /** Degrees north. */
  latitude: number;
  /** Mean °C of the year, and how far summer is above it. */
  mean: number;
  swing: number;
}

/** The cities of the demo's world. */
const CITIES: readonly Climate[] = [
  { names: ["Beijing", "北京"], latitude: 40, mean: 13, swing: 15 },
  { names: ["Shanghai", "上海"], latitude: 31, mean: 17, swing: 12 },
  { names: ["Chengdu", "成都"], latitude: 31, mean: 17, swing: 10 },
  { names: ["Tokyo", "東京"], latitude: 36, mean: 16, swing: 11 },
  { names: ["Seoul", "서울"], latitude: 38, mean: 13, swing: 14 },
  { names: ["Berlin"], latitude: 52, mean: 10, swing: 10 },
  { names: ["Moscow", "Москва"], latitude: 56, mean: 6, swing: 14 },
  { names: ["Cairo", "القاهرة"], latitude: 30, mean: 22, swing: 8 },
  { names: ["Delhi", "दिल्ली"], latitude: 29, mean: 25, swing: 9 },
  { names: ["São Paulo", "Sao Paulo"], latitude: -24, mean: 20, swing: 3 },
];
const SKIES = ["clear", "cloudy", "overcast", "light rain", "windy", "fog"];
const DAY = 86_400_000;
/** Days from the new year to the warmest one of the north. */
const WARMEST = 200;

export const weather: Tool = {
  name: "get_weather",
  description: "Today's weather in a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string", description: "In English or in its own language" } },
    required: ["city"],
  },
  run(args, { clock }) {
    const city = textOf(args, "city");
    const climate = CITIES.find(({ names }) => names.some((name) => name.toLowerCase() === city.toLowerCase()));
    if (climate === undefined) throw new Error(`There is no weather of ${city}`);
    const day = Math.floor(clock.now() / DAY);
    const season = Math.cos(((day - WARMEST) / 365.25) * 2 * Math.PI) * (climate.latitude < 0 ? -1 : 1);
    const luck = scatter(day, climate.latitude + climate.mean);
    const temperature = Math.round(climate.mean + season * climate.swing + luck * 8 - 4);
    return { city, temperature, sky: SKIES[Math.floor(luck * 977) % SKIES.length], unit: "°C" };
  },
};

/** @returns the same number in [0, 1) for the same day and place */
function scatter(day: number, place: number): number {
  const x = Math.sin(day * 12.9898 + place * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

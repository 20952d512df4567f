// What is in a yard is written by the server; only the bar above it is live.

import { startBar } from "./bar.js";

startBar();

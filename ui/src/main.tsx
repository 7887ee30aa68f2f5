import { chooseTransport } from "./platform";
import { start } from "./start";

start(chooseTransport());

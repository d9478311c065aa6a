export { Starling, Starling as default } from "./starling.js";
export { StarlingError, UnauthorizedError } from "./errors.js";

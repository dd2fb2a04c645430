/** Only the limiter that is used: the package's main file loads those of every database with it, 8 MB. */
declare module "rate-limiter-flexible/lib/RateLimiterMemory.js" {
  export { RateLimiterMemory as default } from "rate-limiter-flexible";
}

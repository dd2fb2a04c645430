import { context, logs, metrics, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { behave } from "./behave.ts";

await behave({ context, logs, metrics, trace, NodeSDK });

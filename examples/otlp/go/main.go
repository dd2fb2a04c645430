// A bot in Go that sends to botel:
//
//	go mod init my-bot && go mod tidy && OTEL_SERVICE_NAME=my-bot go run .
//
// The endpoint is set below; OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 does the same.
package main

import (
	"context"
	"log"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

var tracer trace.Tracer

// turn is one message, and all that it causes: one trace. User and group are said once, here.
func turn(ctx context.Context, userID, userName, groupID string) {
	ctx, span := tracer.Start(ctx, "message telegram", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("bot.operation.name", "message"),
		attribute.String("bot.platform", "telegram"),
		attribute.String("bot.id", "7001"),
		attribute.String("user.id", userID),
		attribute.String("user.name", userName),
		attribute.String("bot.group.id", groupID), // left out in a private chat
	))
	defer span.End()
	tool(ctx, "weather", `{"city":"Kraków"}`)
	chat(ctx)
	span.SetAttributes(attribute.Int("bot.response.count", 1)) // replies that were sent
}

// chat is one call to a model.
func chat(ctx context.Context) {
	_, span := tracer.Start(ctx, "chat gpt-4o", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "chat"),
		attribute.String("gen_ai.provider.name", "openai"),
		attribute.String("gen_ai.request.model", "gpt-4o"),
		attribute.String("bot.channel.id", "openai-main"), // left out: the provider
	))
	defer span.End()
	input, output, err := ask()
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return
	}
	span.SetAttributes(attribute.Int("gen_ai.usage.input_tokens", input), attribute.Int("gen_ai.usage.output_tokens", output))
}

func tool(ctx context.Context, name, arguments string) {
	_, span := tracer.Start(ctx, "execute_tool "+name, trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "execute_tool"),
		attribute.String("gen_ai.tool.name", name),
		attribute.String("gen_ai.tool.call.arguments", arguments),
	))
	defer span.End()
	span.SetAttributes(attribute.String("gen_ai.tool.call.result", `{"degrees":21}`))
}

// ask stands for the provider.
func ask() (input, output int, err error) { return 36, 12, nil }

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpoint("localhost:4318"), otlptracehttp.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tracer = provider.Tracer("my-bot")
	turn(ctx, "u-1", "Ada", "g-1")
	if err := provider.Shutdown(ctx); err != nil { // what waits is sent
		log.Fatal(err)
	}
}

# The host alone; it needs a PostgreSQL to connect to (see docker-compose.yml).
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# With Marten as the engine: docker build --build-arg CritterStack=true .
ARG CritterStack=false
COPY global.json Directory.Build.props Directory.Packages.props CritterStack.props CritterStack.Packages.props .editorconfig ./
COPY src ./src
RUN dotnet publish src/RunLedger.Host -c Release -o /app -p:CritterStack=$CritterStack

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "RunLedger.Host.dll"]
CMD ["serve", "--urls", "http://0.0.0.0:8080"]

namespace RunLedger.Postgres.Feed;

/// <summary>
/// The newest events of a tenant, for all that follow it: they wait on one task for news, and share the pages that they then read, so that a
/// thousand followers cost the database what one does.
/// </summary>
internal sealed class TenantTail
{
    private const int KeptPages = 4;

    private readonly Queue<SharedPage> _pages = new(KeptPages);
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many follow the tenant; changed by the watcher alone.</summary>
    public int Followers { get; set; }

    /// <summary>The newest position that the watcher has told of.</summary>
    public long ToldOf { get; set; }

    /// <summary>
    /// Ends when there may be events that a reading begun before did not show. To be taken before the reading, and waited for after it.
    /// </summary>
    public Task News => Volatile.Read(ref _news).Task;

    /// <summary>Tells the followers that there may be events.</summary>
    public void Tell() => Interlocked.Exchange(ref _news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The page after a position: the one that another follower reads or has read, if it shows all that this one would.</summary>
    /// <param name="after">The position after which it begins.</param>
    /// <param name="news">The news that the follower took before.</param>
    /// <param name="read">Reads the page.</param>
    public Task<FeedPage> PageAsync(long after, Task news, Func<Task<FeedPage>> read)
    {
        lock (_pages)
        {
            foreach (var page in _pages)
                if (page.After == after && page.Serves(news)) return page.Reading;
            if (_pages.Count == KeptPages) _pages.Dequeue();
            var added = new SharedPage(after, news, read());
            _pages.Enqueue(added);
            return added.Reading;
        }
    }

    // A full page never changes; one that ended at the head does as soon as there is news.
    private sealed record SharedPage(long After, Task News, Task<FeedPage> Reading)
    {
        public bool Serves(Task news) => Reading.IsCompletedSuccessfully && !Reading.Result.AtHead || (News == news && !Reading.IsFaulted && !Reading.IsCanceled);
    }
}

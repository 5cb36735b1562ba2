using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Tests.Audit;

public sealed class MerkleTreeTests
{
    // The entries and roots that implementations of Certificate Transparency are compared by.
    private static readonly string[] Entries =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_the_rfc_while_a_tree_grows()
    {
        var tree = new GrowingTree();
        for (var size = 0; size < Roots.Length; size++)
        {
            Assert.Equal((size, Roots[size]), (tree.Size, Convert.ToHexStringLower(tree.Root.ToArray())));
            if (size < Entries.Length) tree.Add(MerkleTree.Leaf(Convert.FromHexString(Entries[size])));
        }
    }

    [Fact]
    public void A_long_entry_is_hashed_whole()
    {
        var entry = new byte[5_000];
        var leaf = MerkleTree.Leaf(entry);
        Assert.Equal(Digest.Of([0, .. entry]), leaf);
        entry[^1] = 1;
        Assert.NotEqual(leaf, MerkleTree.Leaf(entry));
    }

    [Fact]
    public void Every_event_of_every_tree_has_a_path_to_its_root_and_to_no_other()
    {
        var (tree, leaves) = (new GrowingTree(), new List<Digest>());
        for (var size = 1; size <= 70; size++)
        {
            leaves.Add(MerkleTree.Leaf([(byte)size]));
            tree.Add(leaves[^1]);
            Assert.Equal(tree.Root, MerkleTree.Hash(new LeafRange(0, size), Of));
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.Path(index, size).Select(range => MerkleTree.Hash(range, Of)).ToList();
                Assert.Equal(tree.Root, MerkleTree.Root(leaves[index], index, size, path));
                Assert.NotEqual(tree.Root, MerkleTree.Root(MerkleTree.Leaf([0]), index, size, path));
                if (size > 1) Assert.NotEqual(tree.Root, MerkleTree.Root(leaves[index], (index + 1) % size, size, path));
                if (path.Count > 0) Assert.Null(MerkleTree.Root(leaves[index], index, size, path[1..]));
                Assert.Null(MerkleTree.Root(leaves[index], index, size, [.. path, leaves[0]]));
            }
        }
        Assert.Null(MerkleTree.Root(leaves[0], 1, 1, []));
        Assert.Null(MerkleTree.Root(leaves[0], -1, 1, []));

        Digest Of(Subtree subtree) => subtree.Height == 0
            ? leaves[(int)subtree.Index]
            : MerkleTree.Node(Of(new Subtree(subtree.Height - 1, subtree.Index * 2)), Of(new Subtree(subtree.Height - 1, subtree.Index * 2 + 1)));
    }

    [Theory]
    [InlineData(0, 7, "2.0 1.2 0.6")]
    [InlineData(4, 7, "1.2 0.6")]
    [InlineData(0, 8, "3.0")]
    [InlineData(5, 5, "")]
    public void A_range_is_made_of_the_largest_complete_subtrees(long start, long end, string subtrees) =>
        Assert.Equal(subtrees, string.Join(' ', MerkleTree.In(new LeafRange(start, end)).Select(subtree => $"{subtree.Height}.{subtree.Index}")));
}
